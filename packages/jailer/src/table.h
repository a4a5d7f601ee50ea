/* The root-owned table: everything privileged that a worker must not decide. */
#ifndef BULLPEN_TABLE_H
#define BULLPEN_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { SLOTS_MAX = 256, PROFILES_MAX = 64, VIEWS_MAX = 96, LINKS_MAX = 32, MASKS_MAX = 48, WORK_PATH_MAX = 96, APPARMOR_NAME_MAX = 128, TABLE_BYTES_MAX = 1 << 18 };

/*
 * How jails are made: with namespaces, by root or by an ordinary user in a user namespace; or without mounts and namespaces, `classic` with
 * CAP_SETUID, SETGID, KILL and CHOWN, `restricted` without any privilege, as the one user that the worker is, too.
 */
enum jailer_mode { MODE_ROOT, MODE_USERNS, MODE_CLASSIC, MODE_RESTRICTED };
extern const char *const mode_names[];

static inline int mode_has_namespaces(enum jailer_mode mode) {
    return mode == MODE_ROOT || mode == MODE_USERNS;
}

/* Programs run as a user that is not the jailer's. */
static inline int mode_changes_user(enum jailer_mode mode) {
    return mode == MODE_ROOT || mode == MODE_CLASSIC;
}

/* Limits in the order of their names in limit_names (table.c) and of their tags from FIELD_WALL_MS on. */
enum limit {
    LIMIT_WALL_MS,
    LIMIT_CPU_MS,
    LIMIT_MEMORY,
    LIMIT_ADDRESS_SPACE,
    LIMIT_PROCESSES,
    LIMIT_FILE_SIZE,
    LIMIT_OPEN_FILES,
    LIMIT_STACK,
    LIMIT_OUTPUT,
    LIMIT_DISK_BYTES,
    LIMIT_DISK_FILES,
    LIMIT_COUNT
};
extern const char *const limit_names[LIMIT_COUNT];

/* Version 1 has a hierarchy for each controller, version 2 (`unified`) one for all. */
enum controller { CONTROLLER_MEMORY, CONTROLLER_PIDS, CONTROLLER_CPUACCT, CONTROLLER_CPU, CONTROLLER_UNIFIED, CONTROLLER_COUNT };
extern const char *const controller_names[CONTROLLER_COUNT];

struct slot {
    uid_t uid;
    gid_t gid;
};

struct view {
    const char *source;
    const char *target;
    int execute;
};

struct link {
    const char *text;
    const char *path;
};

/*
 * What the jail has and holds closed: opening or listing it answers EACCES and not ENOENT. Of a `listing` what lies below stays within reach.
 */
enum mask_kind { MASK_FILE, MASK_DIRECTORY, MASK_LISTING };

struct mask {
    const char *path;
    enum mask_kind kind;
};

struct profile {
    const char *name;
    const char *work;     /* where the jail shows the work directory; in modes without mounts it is the box's */
    const char *apparmor; /* name of the AppArmor profile that its programs run under; NULL for none */
    unsigned allow_write : 1, allow_execute_written : 1, allow_unix_sockets : 1, allow_fork : 1, allow_exec : 1;
    struct view views[VIEWS_MAX];
    size_t view_count;
    struct link links[LINKS_MAX];
    size_t link_count;
    struct mask masks[MASKS_MAX];
    size_t mask_count;
    uint64_t ceilings[LIMIT_COUNT];
};

struct table {
    const char *run_dir;
    enum jailer_mode mode;
    const char *boxes;     /* size-limited place of what jobs write; in modes without mounts only, NULL otherwise */
    const char *uid_locks; /* directory of the locks of this host's slot UIDs; NULL for none */
    struct slot slots[SLOTS_MAX];
    size_t slot_count;
    const char *cgroups[CONTROLLER_COUNT]; /* NULL where the host has none */
    uint64_t cpu_milli;                    /* thousandths of a processor that a slot's programs get together; 0: all there are */
    struct profile profiles[PROFILES_MAX];
    size_t profile_count;
};

/* Reads and checks a table; on failure writes one sentence into `problem` and returns -1. */
int table_load(const char *path, struct table *table, char *problem, size_t problem_size);

/* Parses a table's text in place (for table_load and its fuzz target); `text` must outlive the table. */
int table_parse(char *text, struct table *table, char *problem, size_t problem_size);

/* Whether nothing of this path can be had: it is masked as a file or a directory. */
int profile_masks(const struct profile *profile, const char *path);
/* Whether it may be passed through and not listed. */
int profile_masks_listing(const struct profile *profile, const char *path);

/* An unsigned decimal number without sign, spaces or anything after it, at most `max`. */
int parse_number(const char *text, uint64_t max, uint64_t *value);

#endif
