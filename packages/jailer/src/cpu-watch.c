#include "cpu-watch.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/sysinfo.h>

#include "io.h"
#include "process-tree.h"

/* Looking at processes is more work than reading a cgroup, and tells no less than a tick of the clock. */
enum { LOOK_MIN_US = 1000, LOOK_AT_PROCESSES_MIN_US = 10000, LOOK_MAX_US = 1000000 };

/* A tree cannot use more CPU time than processors times wall time, so the next look may wait for that long; longer where a look takes long. */
static void plan_look(struct cpu_watch *watch, uint64_t left_us, uint64_t began_us) {
    uint64_t now_us = monotonic_us(), wait_us = left_us / (uint64_t)get_nprocs();
    uint64_t least_us = cgroup_has_cpu(watch->cgroup) ? LOOK_MIN_US : LOOK_AT_PROCESSES_MIN_US + 10 * (now_us - began_us);
    if (wait_us < least_us) wait_us = least_us;
    if (wait_us > LOOK_MAX_US) wait_us = LOOK_MAX_US;
    watch->next_look_us = now_us + wait_us;
}

static uint64_t used_by_init(pid_t init) {
    char path[32];
    struct process process;
    (void)snprintf(path, sizeof path, "/proc/%d", (int)init);
    return process_read(AT_FDCWD, path, &process) ? 0 : process.cpu_us;
}

/* What has ended is in the time of who awaited its end, at last in init's. Where /proc does not show them, RLIMIT_CPU is all there is. */
static uint64_t used_by_processes(const struct cpu_watch *watch) {
    const struct process *list;
    uint64_t used_us = used_by_init(watch->init);
    DIR *proc = opendir("/proc");
    if (!proc) return used_us;
    size_t count = process_tree_read(proc, watch->user, &list);
    process_tree_mark_below(count, watch->init, NULL, 0);
    for (size_t i = 0; i < count; i++)
        if (list[i].is_below) used_us += list[i].cpu_us;
    (void)closedir(proc);
    return used_us;
}

static int read_used(const struct cpu_watch *watch, uint64_t *used_us, struct failure *failure) {
    struct cgroup_counters counters;
    if (!cgroup_has_cpu(watch->cgroup)) {
        *used_us = used_by_processes(watch);
        return 0;
    }
    if (cgroup_read(watch->cgroup, &counters, failure)) return -1;
    *used_us = counters.cpu_us;
    return 0;
}

int cpu_watch_start(struct cpu_watch *watch, uint64_t limit_us, uint64_t now_us, struct failure *failure) {
    /* Nothing is below init yet. */
    if (!cgroup_has_cpu(watch->cgroup)) watch->before_us = used_by_init(watch->init);
    else if (read_used(watch, &watch->before_us, failure)) return -1;
    watch->limit_us = limit_us;
    plan_look(watch, limit_us, now_us);
    return 0;
}

/*
 * A process that ends while others are looked at may be counted twice, in its own time and in that of who awaited it: so at the limit all are
 * looked at again.
 */
static int is_reached(const struct cpu_watch *watch, uint64_t *used_us, struct failure *failure) {
    for (int look = 0; look < 2; look++) {
        if (read_used(watch, used_us, failure)) return -1;
        *used_us = *used_us > watch->before_us ? *used_us - watch->before_us : 0;
        if (*used_us < watch->limit_us) return 0;
    }
    return 1;
}

int cpu_watch_look(struct cpu_watch *watch, uint64_t now_us, struct failure *failure) {
    uint64_t used_us = 0;
    if (now_us < watch->next_look_us) return 0;
    int reached = is_reached(watch, &used_us, failure);
    watch->next_look_us = UINT64_MAX;
    if (reached == 0) plan_look(watch, watch->limit_us - used_us, now_us);
    return reached;
}
