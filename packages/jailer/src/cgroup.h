/*
 * A slot's cgroup, of version 1 (memory, pids and cpuacct, each where the table names a directory) or 2 (one directory for all).
 * Made once by the master and used by every job of the slot: moving a process into a cgroup costs milliseconds, a fork from one
 * that already lives there (version 1, see forker.c) or a clone into it (version 2) costs nothing.
 */
#ifndef BULLPEN_CGROUP_H
#define BULLPEN_CGROUP_H

#include "steps.h"
#include "table.h"

/* Counters of the slot since it was made; a job's own are differences. Zero where the host has no controller. */
struct cgroup_counters {
    uint64_t oom_kills, pids_refused;
    uint64_t cpu_us;                                     /* exact */
    uint64_t cpu_user_sampled_us, cpu_system_sampled_us; /* how it divides; version 1 samples that at clock ticks */
};

struct cgroup;

/* What differs between the versions. Numbers are bytes and tasks; -1 with errno. */
struct cgroup_version {
    const char *name;
    /* Processes of our own in the slot's cgroup: init, and in version 1 the forker. */
    uint64_t own_tasks;
    int (*open)(const struct table *table, size_t slot, struct cgroup *cgroup);
    int (*set_memory)(const struct cgroup *cgroup, uint64_t bytes);
    int (*set_tasks)(const struct cgroup *cgroup, uint64_t tasks);
    /* No limits, while no job runs. */
    int (*relax)(const struct cgroup *cgroup);
    int (*read)(const struct cgroup *cgroup, struct cgroup_counters *counters);
    /* Starts a new peak, where the kernel can. */
    int (*start_peak)(const struct cgroup *cgroup);
};

enum cgroup_file {
    CGROUP_MEMORY_LIMIT,
    CGROUP_SWAP_LIMIT, /* absent where the kernel does not account swap */
    CGROUP_MEMORY_NOW,
    CGROUP_MEMORY_PEAK, /* absent before Linux 5.19 in version 2 */
    CGROUP_MEMORY_EVENTS,
    CGROUP_MEMORY_STAT,
    CGROUP_MEMORY_RECLAIM, /* version 1 */
    CGROUP_PIDS_LIMIT,
    CGROUP_PIDS_EVENTS,
    CGROUP_CPU_TOTAL,
    CGROUP_CPU_USER,   /* version 1 */
    CGROUP_CPU_SYSTEM, /* version 1 */
    CGROUP_FILES
};

struct cgroup {
    const struct cgroup_version *version; /* NULL where the table names no cgroup */
    int files[CGROUP_FILES];              /* -1: absent */
    int directory;                        /* version 1: of one controller; every process of the slot is in all of them */
    uint64_t memory_now, tasks_now;       /* what was set last */
    int peak_starts_anew;
};

extern const struct cgroup_version cgroup_v1, cgroup_v2;

/* Master: makes the slots' directories, and removes them when the jailer ends. */
int cgroup_make_all(const struct table *table, struct failure *failure);
void cgroup_remove_all(const struct table *table);

/* Keeper: opens the control files of one slot. */
int cgroup_open(const struct table *table, size_t slot, struct cgroup *cgroup, struct failure *failure);

/*
 * Forker: stands where its children shall be born. In version 1 it moves there itself; in version 2 it gets a descriptor to clone
 * into (-1 otherwise), because a cgroup with limits should hold nothing that must outlive a kill.
 */
int cgroup_enter(const struct table *table, size_t slot, int *clone_into, struct failure *failure);

int cgroup_has_memory(const struct cgroup *cgroup);
int cgroup_has_pids(const struct cgroup *cgroup);
int cgroup_has_cpu(const struct cgroup *cgroup);

/* Sets the limits of the next command: memory (without swap), and processes and threads of the program. */
int cgroup_set(struct cgroup *cgroup, uint64_t memory_bytes, uint64_t processes, struct failure *failure);
int cgroup_read(const struct cgroup *cgroup, struct cgroup_counters *counters, struct failure *failure);

/* Takes the last command's limits away: making the next jail must not suffer from them. */
int cgroup_relax(struct cgroup *cgroup, struct failure *failure);
/* Bytes of files in memory (tmpfs, memfd) that the slot is charged for; 0 without a memory controller. -1 with errno. */
int cgroup_files_in_memory(const struct cgroup *cgroup, uint64_t *bytes);

/* Starts a new peak and returns what is charged now; cgroup_peak returns the highest charge since, 0 where the kernel cannot say. */
uint64_t cgroup_start_peak(struct cgroup *cgroup);
void cgroup_restart_peak(struct cgroup *cgroup);
uint64_t cgroup_peak(const struct cgroup *cgroup);

/* True when no process but `only` is in the slot's cgroup, or when there is no cgroup to ask. */
int cgroup_holds_only(const struct cgroup *cgroup, pid_t only);
/* True when `pid` is in the slot's cgroup. */
int cgroup_holds(const struct cgroup *cgroup, pid_t pid);
/* Kills whatever a keeper that died left behind. */
void cgroup_kill(const struct cgroup *cgroup);

#endif
