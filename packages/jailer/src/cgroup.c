#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"

enum { PATH_SIZE = 1200 };

static void slot_path(char path[PATH_SIZE], const struct table *table, int controller, size_t slot, const char *file) {
    (void)snprintf(path, PATH_SIZE, "%s/slot-%zu%s%s", table->cgroups[controller], slot, *file ? "/" : "", file);
}

int cgroup_make_all(const struct table *table, struct failure *failure) {
    for (int i = 0; i < CONTROLLER_COUNT; i++) {
        if (!table->cgroups[i]) continue;
        if (mkdir(table->cgroups[i], 0755) && errno != EEXIST) return failed(failure, STEP_cgroup, table->cgroups[i]);
        for (size_t slot = 0; slot < table->slot_count; slot++) {
            char path[PATH_SIZE];
            slot_path(path, table, i, slot, "");
            if (mkdir(path, 0755) && errno != EEXIST) return failed(failure, STEP_cgroup, path);
        }
    }
    return 0;
}

void cgroup_remove_all(const struct table *table) {
    for (int i = 0; i < CONTROLLER_COUNT; i++) {
        if (!table->cgroups[i]) continue;
        for (size_t slot = 0; slot < table->slot_count; slot++) {
            char path[PATH_SIZE];
            slot_path(path, table, i, slot, "");
            (void)rmdir(path);
        }
        (void)rmdir(table->cgroups[i]);
    }
}

static int open_control(const struct table *table, int controller, size_t slot, const char *file, int flags) {
    char path[PATH_SIZE];
    if (!table->cgroups[controller]) return -1;
    slot_path(path, table, controller, slot, file);
    return open(path, flags | O_CLOEXEC);
}

int cgroup_open(const struct table *table, size_t slot, struct cgroup *cgroup, struct failure *failure) {
    *cgroup = (struct cgroup){
        .memory_limit = open_control(table, CONTROLLER_MEMORY, slot, "memory.limit_in_bytes", O_RDWR),
        /* Absent where the kernel does not account swap; the worker's doctor says so. */
        .memory_swap_limit = open_control(table, CONTROLLER_MEMORY, slot, "memory.memsw.limit_in_bytes", O_RDWR),
        .memory_usage = open_control(table, CONTROLLER_MEMORY, slot, "memory.usage_in_bytes", O_RDONLY),
        .memory_peak = open_control(table, CONTROLLER_MEMORY, slot, "memory.max_usage_in_bytes", O_RDWR),
        .memory_oom = open_control(table, CONTROLLER_MEMORY, slot, "memory.oom_control", O_RDONLY),
        .memory_force_empty = open_control(table, CONTROLLER_MEMORY, slot, "memory.force_empty", O_WRONLY),
        .pids_max = open_control(table, CONTROLLER_PIDS, slot, "pids.max", O_RDWR),
        .pids_events = open_control(table, CONTROLLER_PIDS, slot, "pids.events", O_RDONLY),
        .cpu_total = open_control(table, CONTROLLER_CPUACCT, slot, "cpuacct.usage", O_RDONLY),
        .cpu_user = open_control(table, CONTROLLER_CPUACCT, slot, "cpuacct.usage_user", O_RDONLY),
        .cpu_system = open_control(table, CONTROLLER_CPUACCT, slot, "cpuacct.usage_sys", O_RDONLY),
        .directory = -1,
    };
    for (int i = 0; i < CONTROLLER_COUNT && cgroup->directory < 0; i++) cgroup->directory = open_control(table, i, slot, "", O_PATH | O_DIRECTORY);
    if (table->cgroups[CONTROLLER_MEMORY] && (cgroup->memory_limit < 0 || cgroup->memory_oom < 0)) return failed(failure, STEP_cgroup, "memory");
    if (table->cgroups[CONTROLLER_PIDS] && (cgroup->pids_max < 0 || cgroup->pids_events < 0)) return failed(failure, STEP_cgroup, "pids");
    if (table->cgroups[CONTROLLER_CPUACCT] && (cgroup->cpu_total < 0 || cgroup->cpu_user < 0 || cgroup->cpu_system < 0)) return failed(failure, STEP_cgroup, "cpuacct");
    return 0;
}

int cgroup_enter(const struct table *table, size_t slot, struct failure *failure) {
    for (int i = 0; i < CONTROLLER_COUNT; i++) {
        if (!table->cgroups[i]) continue;
        SCOPED_FD procs = open_control(table, i, slot, "cgroup.procs", O_WRONLY);
        if (procs < 0 || write_text_at(procs, "0")) return failed(failure, STEP_cgroup, "cgroup.procs");
    }
    return 0;
}

int cgroup_has_memory(const struct cgroup *cgroup) {
    return cgroup->memory_limit >= 0;
}

int cgroup_has_pids(const struct cgroup *cgroup) {
    return cgroup->pids_max >= 0;
}

int cgroup_has_cpu(const struct cgroup *cgroup) {
    return cgroup->cpu_total >= 0;
}

static int write_number(int fd, uint64_t number) {
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, number);
    return write_text_at(fd, text);
}

static int set_memory(const struct cgroup *cgroup, uint64_t bytes) {
    /* The kernel wants memory <= memory+swap at every moment, so the sum is opened first and closed last. */
    if (cgroup->memory_swap_limit >= 0 && write_text_at(cgroup->memory_swap_limit, "-1")) return -1;
    if (write_number(cgroup->memory_limit, bytes)) {
        /* EBUSY: file cache that an earlier job was charged for; it can be given back. */
        if (errno != EBUSY || write_text_at(cgroup->memory_force_empty, "0") || write_number(cgroup->memory_limit, bytes)) return -1;
    }
    return cgroup->memory_swap_limit >= 0 ? write_number(cgroup->memory_swap_limit, bytes) : 0;
}

int cgroup_set(struct cgroup *cgroup, uint64_t memory_bytes, uint64_t tasks, struct failure *failure) {
    if (cgroup_has_memory(cgroup) && cgroup->memory_now != memory_bytes && !left_out(STEP_cgroup)) {
        if (set_memory(cgroup, memory_bytes)) return failed(failure, STEP_cgroup, "memory.limit_in_bytes");
        cgroup->memory_now = memory_bytes;
    }
    if (cgroup_has_pids(cgroup) && cgroup->pids_now != tasks && !left_out(STEP_cgroup)) {
        if (write_number(cgroup->pids_max, tasks)) return failed(failure, STEP_cgroup, "pids.max");
        cgroup->pids_now = tasks;
    }
    return 0;
}

/* The number after `name ` in a file of `name number` lines, or the file's only number when name is empty. */
static int read_number(int fd, const char *name, uint64_t *number) {
    char text[256];
    if (read_text_at(fd, text, sizeof text)) return -1;
    const char *at = *name ? strstr(text, name) : text;
    if (!at) return -1;
    *number = strtoull(at + strlen(name), NULL, 10);
    return 0;
}

static int read_cpu(const struct cgroup *cgroup, struct cgroup_counters *counters) {
    if (read_number(cgroup->cpu_total, "", &counters->cpu_us) || read_number(cgroup->cpu_user, "", &counters->cpu_user_sampled_us) ||
        read_number(cgroup->cpu_system, "", &counters->cpu_system_sampled_us))
        return -1;
    /* The files count nanoseconds. */
    counters->cpu_us /= 1000;
    counters->cpu_user_sampled_us /= 1000;
    counters->cpu_system_sampled_us /= 1000;
    return 0;
}

int cgroup_read(const struct cgroup *cgroup, struct cgroup_counters *counters, struct failure *failure) {
    *counters = (struct cgroup_counters){0};
    if (cgroup_has_memory(cgroup) && read_number(cgroup->memory_oom, "oom_kill ", &counters->oom_kills))
        return failed(failure, STEP_cgroup, "memory.oom_control");
    if (cgroup_has_pids(cgroup) && read_number(cgroup->pids_events, "max ", &counters->pids_refused))
        return failed(failure, STEP_cgroup, "pids.events");
    if (cgroup_has_cpu(cgroup) && read_cpu(cgroup, counters)) return failed(failure, STEP_cgroup, "cpuacct.usage");
    return 0;
}

uint64_t cgroup_start_peak(const struct cgroup *cgroup) {
    uint64_t usage = 0;
    if (!cgroup_has_memory(cgroup) || write_text_at(cgroup->memory_peak, "0") || read_number(cgroup->memory_usage, "", &usage)) return 0;
    return usage;
}

uint64_t cgroup_peak(const struct cgroup *cgroup) {
    uint64_t peak = 0;
    if (!cgroup_has_memory(cgroup) || read_number(cgroup->memory_peak, "", &peak)) return 0;
    return peak;
}

/* Calls `visit` for each process of the slot until it returns non-zero; returns that, or 0. */
static int each_process(const struct cgroup *cgroup, int (*visit)(pid_t pid, pid_t argument), pid_t argument) {
    static char text[65536];
    if (cgroup->directory < 0) return 0;
    /* Opened anew each time: version 1 keeps the list as it was when the file was opened. */
    SCOPED_FD procs = openat(cgroup->directory, "cgroup.procs", O_RDONLY | O_CLOEXEC);
    if (procs < 0 || read_text_at(procs, text, sizeof text)) return 1;
    for (char *at = text; *at;) {
        int answer = visit((pid_t)strtol(at, &at, 10), argument);
        if (answer) return answer;
        while (*at == '\n') at++;
    }
    return 0;
}

static int is_other(pid_t pid, pid_t only) {
    return pid != only;
}

static int is_same(pid_t pid, pid_t wanted) {
    return pid == wanted;
}

static int kill_one(pid_t pid, pid_t unused) {
    (void)unused;
    if (pid > 0) (void)kill(pid, SIGKILL);
    return 0;
}

int cgroup_holds_only(const struct cgroup *cgroup, pid_t only) {
    return each_process(cgroup, is_other, only) == 0;
}

int cgroup_holds(const struct cgroup *cgroup, pid_t pid) {
    return each_process(cgroup, is_same, pid) == 1;
}

void cgroup_kill(const struct cgroup *cgroup) {
    (void)each_process(cgroup, kill_one, 0);
}
