/* The CPU time of a command's whole tree, watched in milliseconds. */
#ifndef BULLPEN_CPU_WATCH_H
#define BULLPEN_CPU_WATCH_H

#include "cgroup.h"

struct cpu_watch {
    const struct cgroup *cgroup;
    pid_t init; /* where no cgroup counts, its processes are looked at */
    uid_t user; /* theirs */
    uint64_t before_us, limit_us, next_look_us; /* UINT64_MAX: no look is due any more */
};

/* Begins with what the slot, or the jail's init, has used so far; -1 with a failure. */
int cpu_watch_start(struct cpu_watch *watch, uint64_t limit_us, uint64_t now_us, struct failure *failure);
/* 1 when the limit has been reached, once; 0 when not or not due; -1 with a failure. */
int cpu_watch_look(struct cpu_watch *watch, uint64_t now_us, struct failure *failure);

#endif
