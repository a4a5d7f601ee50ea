#include <errno.h>
#include <fcntl.h>

#include "cgroup-files.h"
#include "io.h"

static const struct {
    const char *name;
    int flags;
    int may_be_absent;
} files[CGROUP_FILES] = {
    [CGROUP_MEMORY_LIMIT] = {"memory.max", O_RDWR, 0},      [CGROUP_SWAP_LIMIT] = {"memory.swap.max", O_RDWR, 1},
    [CGROUP_MEMORY_NOW] = {"memory.current", O_RDONLY, 0},  [CGROUP_MEMORY_PEAK] = {"memory.peak", O_RDWR, 1},
    [CGROUP_MEMORY_EVENTS] = {"memory.events", O_RDONLY, 0}, [CGROUP_PIDS_LIMIT] = {"pids.max", O_RDWR, 0},
    [CGROUP_MEMORY_STAT] = {"memory.stat", O_RDONLY, 0},
    [CGROUP_PIDS_EVENTS] = {"pids.events", O_RDONLY, 0},    [CGROUP_CPU_TOTAL] = {"cpu.stat", O_RDONLY, 0},
};

static int open_files(const struct table *table, size_t slot, struct cgroup *cgroup) {
    for (int i = 0; i < CGROUP_FILES; i++) {
        if (!files[i].name) continue;
        cgroup->files[i] = cgroup_open_file(table, CONTROLLER_UNIFIED, slot, files[i].name, files[i].flags);
        if (cgroup->files[i] < 0 && !files[i].may_be_absent) return -1;
    }
    cgroup->directory = cgroup_open_file(table, CONTROLLER_UNIFIED, slot, "", O_PATH | O_DIRECTORY);
    return cgroup->directory < 0 ? -1 : 0;
}

/* Swap is none at all, so that the limit means what it says. A limit below what is charged makes the kernel reclaim cache first. */
static int set_memory(const struct cgroup *cgroup, uint64_t bytes) {
    if (cgroup->files[CGROUP_SWAP_LIMIT] >= 0 && write_text_at(cgroup->files[CGROUP_SWAP_LIMIT], "0")) return -1;
    return cgroup_write_number(cgroup->files[CGROUP_MEMORY_LIMIT], bytes);
}

static int set_tasks(const struct cgroup *cgroup, uint64_t tasks) {
    return cgroup_write_number(cgroup->files[CGROUP_PIDS_LIMIT], tasks);
}

static int relax(const struct cgroup *cgroup) {
    return write_text_at(cgroup->files[CGROUP_MEMORY_LIMIT], "max") || write_text_at(cgroup->files[CGROUP_PIDS_LIMIT], "max") ? -1 : 0;
}

static int read_counters(const struct cgroup *cgroup, struct cgroup_counters *counters) {
    int cpu = cgroup->files[CGROUP_CPU_TOTAL];
    if (cgroup_read_number(cgroup->files[CGROUP_MEMORY_EVENTS], "oom_kill ", &counters->oom_kills)) return -1;
    if (cgroup_read_number(cgroup->files[CGROUP_PIDS_EVENTS], "max ", &counters->pids_refused)) return -1;
    if (cgroup_read_number(cpu, "usage_usec ", &counters->cpu_us) || cgroup_read_number(cpu, "user_usec ", &counters->cpu_user_sampled_us)) return -1;
    return cgroup_read_number(cpu, "system_usec ", &counters->cpu_system_sampled_us);
}

/* From Linux 6.12 on a write makes the peak start anew for this descriptor; before, it fails and the peak is the slot's of all times. */
static int start_peak(const struct cgroup *cgroup) {
    errno = ENOENT;
    return cgroup->files[CGROUP_MEMORY_PEAK] < 0 ? -1 : write_text_at(cgroup->files[CGROUP_MEMORY_PEAK], "0");
}

const struct cgroup_version cgroup_v2 = {"v2", 1, open_files, set_memory, set_tasks, relax, read_counters, start_peak};
