#include "cpu-watch.h"

#include <sys/sysinfo.h>

enum { LOOK_MIN_US = 1000, LOOK_MAX_US = 1000000 };

/* A tree cannot use more CPU time than processors times wall time, so the next look may wait for that long. */
static void plan_look(struct cpu_watch *watch, uint64_t left_us, uint64_t now_us) {
    uint64_t wait_us = left_us / (uint64_t)get_nprocs();
    if (wait_us < LOOK_MIN_US) wait_us = LOOK_MIN_US;
    if (wait_us > LOOK_MAX_US) wait_us = LOOK_MAX_US;
    watch->next_look_us = now_us + wait_us;
}

void cpu_watch_start(struct cpu_watch *watch, const struct cgroup *cgroup, uint64_t before_us, uint64_t limit_us, uint64_t now_us) {
    *watch = (struct cpu_watch){.before_us = before_us, .limit_us = limit_us, .next_look_us = UINT64_MAX};
    if (cgroup_has_cpu(cgroup)) plan_look(watch, limit_us, now_us);
}

int cpu_watch_look(struct cpu_watch *watch, const struct cgroup *cgroup, uint64_t now_us, struct failure *failure) {
    struct cgroup_counters counters;
    if (now_us < watch->next_look_us) return 0;
    if (cgroup_read(cgroup, &counters, failure)) return -1;
    uint64_t used_us = counters.cpu_us - watch->before_us;
    if (used_us >= watch->limit_us) {
        watch->next_look_us = UINT64_MAX;
        return 1;
    }
    plan_look(watch, watch->limit_us - used_us, now_us);
    return 0;
}
