#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "box-place.h"
#include "io.h"

/* Rights by the ABI that brought them (kernel documentation, userspace-api/landlock); older headers lack the newer names. */
#define FS_READ_FILE (1ull << 2)
#define FS_READ_DIR (1ull << 3)
#define FS_EXECUTE (1ull << 0)
#define FS_WRITE_FILE (1ull << 1)
#define FS_MAKE_CHAR (1ull << 6)
#define FS_MAKE_BLOCK (1ull << 11)
#define FS_ABI_1 ((1ull << 13) - 1)
#define FS_REFER (1ull << 13)    /* ABI 2 */
#define FS_TRUNCATE (1ull << 14) /* ABI 3 */
#define FS_IOCTL_DEV (1ull << 15) /* ABI 5 */
#define FS_OF_A_FILE (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV)
#define NET_BIND_AND_CONNECT_TCP 3ull /* ABI 4 */
#define SCOPE_ABSTRACT_UNIX_AND_SIGNAL 3ull /* ABI 6 */

struct ruleset_attributes {
    uint64_t handled_fs, handled_net, scoped;
};

const char *const own_proc[OWN_PROC_COUNT] = {
    "", "fd", "fdinfo", "auxv", "cmdline", "comm", "environ", "limits", "maps", "oom_score", "schedstat", "smaps", "smaps_rollup", "stat", "statm", "status", "coredump_filter",
};

int landlock_abi(void) {
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return abi > 0 ? (int)abi : 0;
}

static int make_ruleset(int abi, uint64_t *handled) {
    struct ruleset_attributes attributes = {.handled_fs = FS_ABI_1};
    if (abi >= 2) attributes.handled_fs |= FS_REFER;
    if (abi >= 3) attributes.handled_fs |= FS_TRUNCATE;
    if (abi >= 4) attributes.handled_net = NET_BIND_AND_CONNECT_TCP;
    if (abi >= 5) attributes.handled_fs |= FS_IOCTL_DEV;
    if (abi >= 6) attributes.scoped = SCOPE_ABSTRACT_UNIX_AND_SIGNAL;
    *handled = attributes.handled_fs;
    size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
    return (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
}

static int grant(int ruleset, const char *path, uint64_t rights, uint64_t handled) {
    struct stat status;
    SCOPED_FD fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status)) return -1;
    if (!S_ISDIR(status.st_mode)) rights &= FS_OF_A_FILE;
    struct landlock_path_beneath_attr rule = {.allowed_access = rights & handled, .parent_fd = fd};
    return (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

static uint64_t box_rights(const struct profile *profile, uint64_t handled) {
    uint64_t rights = FS_READ_FILE | FS_READ_DIR;
    if (profile->allow_write) rights = handled & ~(FS_MAKE_CHAR | FS_MAKE_BLOCK | FS_EXECUTE | FS_IOCTL_DEV);
    return profile->allow_execute_written ? rights | FS_EXECUTE : rights;
}

static uint64_t view_rights(const struct view *view) {
    return FS_READ_FILE | FS_READ_DIR | (view->execute ? FS_EXECUTE : 0);
}

static int grant_jail(int ruleset, const struct profile *profile, uint64_t handled) {
    const char *const box[] = {profile->work, "/tmp", "/dev/shm"};
    for (size_t i = 0; i < profile->view_count; i++)
        if (grant(ruleset, profile->views[i].target, view_rights(&profile->views[i]), handled)) return -1;
    for (size_t i = 0; i < sizeof box / sizeof *box; i++)
        if (!profile_masks(profile, box[i]) && grant(ruleset, box[i], box_rights(profile, handled), handled)) return -1;
    /* Entering an AppArmor profile is a write to /proc/self/attr; the profile itself then forbids writing there. */
    uint64_t proc = FS_READ_FILE | (profile_masks(profile, "/proc") ? 0 : FS_READ_DIR) | (profile->apparmor ? FS_WRITE_FILE : 0);
    if ((profile->apparmor || !profile_masks(profile, "/proc")) && grant(ruleset, "/proc", proc, handled)) return -1;
    return grant(ruleset, "/dev", FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE, handled);
}

/* The same whitelist on the host's own paths. */
static int grant_host(int ruleset, const struct table *table, const struct profile *profile, const struct slot *slot, uint64_t handled) {
    static const char *const box[] = {"work", "tmp"};
    static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};
    char path[BOX_PATH_MAX];
    for (size_t i = 0; i < profile->view_count; i++)
        if (grant(ruleset, profile->views[i].source, view_rights(&profile->views[i]), handled)) return -1;
    for (size_t i = 0; i < sizeof box / sizeof *box; i++) {
        box_path(table, slot, box[i], path);
        if (grant(ruleset, path, box_rights(profile, handled), handled)) return -1;
    }
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
        if (grant(ruleset, devices[i], FS_READ_FILE | FS_WRITE_FILE, handled)) return -1;
    if (profile_masks(profile, "/proc")) return 0;
    /* Not all of it: /proc/self/net and mountinfo are the host's. */
    for (size_t i = 0; i < OWN_PROC_COUNT; i++) {
        (void)snprintf(path, sizeof path, "/proc/self/%s", own_proc[i]);
        if (grant(ruleset, path, *own_proc[i] ? FS_READ_FILE | FS_READ_DIR : FS_READ_DIR, handled) && errno != ENOENT) return -1;
    }
    return 0;
}

int landlock_confine(const struct profile *profile) {
    uint64_t handled;
    SCOPED_FD ruleset = make_ruleset(landlock_abi(), &handled);
    if (ruleset < 0 || grant_jail(ruleset, profile, handled)) return -1;
    return (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
}

int landlock_confine_on_host(const struct table *table, const struct profile *profile, const struct slot *slot) {
    uint64_t handled;
    SCOPED_FD ruleset = make_ruleset(landlock_abi(), &handled);
    if (ruleset < 0 || grant_host(ruleset, table, profile, slot, handled)) return -1;
    return (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
}

int landlock_scope(void) {
    const struct ruleset_attributes attributes = {.scoped = SCOPE_ABSTRACT_UNIX_AND_SIGNAL};
    SCOPED_FD ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
    return ruleset < 0 ? -1 : (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
}

int landlock_is_active(void) {
    SCOPED_FD root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return root < 0 && errno == EACCES;
}
