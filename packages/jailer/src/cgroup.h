/*
 * A slot's cgroup, version 1: memory, pids and cpuacct, each where the table names a directory.
 * Made once by the master and used by every job of the slot: moving a process into a cgroup costs milliseconds,
 * a fork from a process that already lives there costs nothing (see forker.c).
 */
#ifndef BULLPEN_CGROUP_H
#define BULLPEN_CGROUP_H

#include "steps.h"
#include "table.h"

struct cgroup {
    int memory_limit, memory_swap_limit, memory_usage, memory_peak, memory_oom, memory_force_empty;
    int pids_max, pids_events;
    int cpu_total, cpu_user, cpu_system;
    int directory; /* of one controller; every process of the slot is in all of them */
    uint64_t memory_now, pids_now;
};

/*
 * Counters of the slot since it was made; a job's own are differences. Zero where the host has no controller. The total CPU time is
 * exact; how much of it was the program's and how much the kernel's is sampled at clock ticks.
 */
struct cgroup_counters {
    uint64_t oom_kills, pids_refused, cpu_us, cpu_user_sampled_us, cpu_system_sampled_us;
};

/* Master: makes the slots' directories, and removes them when the jailer ends. */
int cgroup_make_all(const struct table *table, struct failure *failure);
void cgroup_remove_all(const struct table *table);

/* Keeper: opens the control files of one slot. */
int cgroup_open(const struct table *table, size_t slot, struct cgroup *cgroup, struct failure *failure);
/* Forker: moves the calling process into the slot's cgroups. */
int cgroup_enter(const struct table *table, size_t slot, struct failure *failure);

int cgroup_has_memory(const struct cgroup *cgroup);
int cgroup_has_pids(const struct cgroup *cgroup);
int cgroup_has_cpu(const struct cgroup *cgroup);

/* Sets the limits of the next command: memory and swap together, and tasks (processes and threads, the jail's own included). */
int cgroup_set(struct cgroup *cgroup, uint64_t memory_bytes, uint64_t tasks, struct failure *failure);
int cgroup_read(const struct cgroup *cgroup, struct cgroup_counters *counters, struct failure *failure);

/* Starts a new peak and returns what is charged now; cgroup_peak returns the highest charge since. 0 without a memory controller. */
uint64_t cgroup_start_peak(const struct cgroup *cgroup);
uint64_t cgroup_peak(const struct cgroup *cgroup);

/* True when no process but `only` is in the slot's cgroup, or when there is no cgroup to ask. */
int cgroup_holds_only(const struct cgroup *cgroup, pid_t only);
/* True when `pid` is in the slot's cgroup. */
int cgroup_holds(const struct cgroup *cgroup, pid_t pid);
/* Kills whatever a keeper that died left behind. */
void cgroup_kill(const struct cgroup *cgroup);

#endif
