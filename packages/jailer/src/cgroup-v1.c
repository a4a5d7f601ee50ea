#include <errno.h>
#include <fcntl.h>

#include "cgroup-files.h"
#include "io.h"

static const struct {
    enum controller controller;
    const char *name;
    int flags;
} files[CGROUP_FILES] = {
    [CGROUP_MEMORY_LIMIT] = {CONTROLLER_MEMORY, "memory.limit_in_bytes", O_RDWR},
    [CGROUP_SWAP_LIMIT] = {CONTROLLER_MEMORY, "memory.memsw.limit_in_bytes", O_RDWR},
    [CGROUP_MEMORY_NOW] = {CONTROLLER_MEMORY, "memory.usage_in_bytes", O_RDONLY},
    [CGROUP_MEMORY_PEAK] = {CONTROLLER_MEMORY, "memory.max_usage_in_bytes", O_RDWR},
    [CGROUP_MEMORY_EVENTS] = {CONTROLLER_MEMORY, "memory.oom_control", O_RDONLY},
    [CGROUP_MEMORY_STAT] = {CONTROLLER_MEMORY, "memory.stat", O_RDONLY},
    [CGROUP_MEMORY_RECLAIM] = {CONTROLLER_MEMORY, "memory.force_empty", O_WRONLY},
    [CGROUP_PIDS_LIMIT] = {CONTROLLER_PIDS, "pids.max", O_RDWR},
    [CGROUP_PIDS_EVENTS] = {CONTROLLER_PIDS, "pids.events", O_RDONLY},
    [CGROUP_CPU_TOTAL] = {CONTROLLER_CPUACCT, "cpuacct.usage", O_RDONLY},
    [CGROUP_CPU_USER] = {CONTROLLER_CPUACCT, "cpuacct.usage_user", O_RDONLY},
    [CGROUP_CPU_SYSTEM] = {CONTROLLER_CPUACCT, "cpuacct.usage_sys", O_RDONLY},
};

static int open_files(const struct table *table, size_t slot, struct cgroup *cgroup) {
    for (int i = 0; i < CGROUP_FILES; i++) {
        if (!table->cgroups[files[i].controller]) continue;
        cgroup->files[i] = cgroup_open_file(table, files[i].controller, slot, files[i].name, files[i].flags);
        if (cgroup->files[i] < 0 && i != CGROUP_SWAP_LIMIT) return -1;
    }
    for (int i = 0; i < CONTROLLER_UNIFIED && cgroup->directory < 0; i++)
        if (table->cgroups[i]) cgroup->directory = cgroup_open_file(table, (enum controller)i, slot, "", O_PATH | O_DIRECTORY);
    return cgroup->directory < 0 ? -1 : 0;
}

/* The kernel wants memory <= memory+swap at every moment, so the sum is opened first and closed last. */
static int set_memory(const struct cgroup *cgroup, uint64_t bytes) {
    int limit = cgroup->files[CGROUP_MEMORY_LIMIT], with_swap = cgroup->files[CGROUP_SWAP_LIMIT];
    if (with_swap >= 0 && write_text_at(with_swap, "-1")) return -1;
    if (cgroup_write_number(limit, bytes)) {
        /* EBUSY: file cache that an earlier job was charged for; it can be given back. */
        if (errno != EBUSY || write_text_at(cgroup->files[CGROUP_MEMORY_RECLAIM], "0") || cgroup_write_number(limit, bytes)) return -1;
    }
    return with_swap >= 0 ? cgroup_write_number(with_swap, bytes) : 0;
}

static int set_tasks(const struct cgroup *cgroup, uint64_t tasks) {
    return cgroup_write_number(cgroup->files[CGROUP_PIDS_LIMIT], tasks);
}

static int relax(const struct cgroup *cgroup) {
    if (cgroup->files[CGROUP_SWAP_LIMIT] >= 0 && write_text_at(cgroup->files[CGROUP_SWAP_LIMIT], "-1")) return -1;
    if (cgroup_has_memory(cgroup) && write_text_at(cgroup->files[CGROUP_MEMORY_LIMIT], "-1")) return -1;
    return cgroup_has_pids(cgroup) ? write_text_at(cgroup->files[CGROUP_PIDS_LIMIT], "max") : 0;
}

/* The files count nanoseconds. */
static int read_cpu(const struct cgroup *cgroup, struct cgroup_counters *counters) {
    if (cgroup_read_number(cgroup->files[CGROUP_CPU_TOTAL], "", &counters->cpu_us) ||
        cgroup_read_number(cgroup->files[CGROUP_CPU_USER], "", &counters->cpu_user_sampled_us) ||
        cgroup_read_number(cgroup->files[CGROUP_CPU_SYSTEM], "", &counters->cpu_system_sampled_us))
        return -1;
    counters->cpu_us /= 1000;
    counters->cpu_user_sampled_us /= 1000;
    counters->cpu_system_sampled_us /= 1000;
    return 0;
}

static int read_counters(const struct cgroup *cgroup, struct cgroup_counters *counters) {
    if (cgroup_has_memory(cgroup) && cgroup_read_number(cgroup->files[CGROUP_MEMORY_EVENTS], "oom_kill ", &counters->oom_kills)) return -1;
    if (cgroup_has_pids(cgroup) && cgroup_read_number(cgroup->files[CGROUP_PIDS_EVENTS], "max ", &counters->pids_refused)) return -1;
    return cgroup_has_cpu(cgroup) ? read_cpu(cgroup, counters) : 0;
}

static int start_peak(const struct cgroup *cgroup) {
    return write_text_at(cgroup->files[CGROUP_MEMORY_PEAK], "0");
}

const struct cgroup_version cgroup_v1 = {"v1", 2, open_files, set_memory, set_tasks, relax, read_counters, start_peak};
