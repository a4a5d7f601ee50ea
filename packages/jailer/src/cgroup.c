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

#include "cgroup-files.h"
#include "io.h"

enum { PATH_SIZE = 1200 };

static void slot_path(char path[PATH_SIZE], const struct table *table, int controller, size_t slot, const char *file) {
    (void)snprintf(path, PATH_SIZE, "%s/slot-%zu%s%s", table->cgroups[controller], slot, *file ? "/" : "", file);
}

/* In version 2 a directory's children have only the controllers that it hands down. */
static int hand_down(const struct table *table) {
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/cgroup.subtree_control", table->cgroups[CONTROLLER_UNIFIED]);
    return write_file(path, "+memory +pids +cpu");
}

/* Of each 100 ms. It holds for all jobs of the slot alike, so it is set once. */
static int set_cpu(const struct table *table, size_t slot) {
    enum { PERIOD_US = 100000 };
    char path[PATH_SIZE], text[64];
    uint64_t quota_us = table->cpu_milli * (PERIOD_US / 1000);
    if (table->cpu_milli == 0) return 0;
    if (table->cgroups[CONTROLLER_UNIFIED]) {
        slot_path(path, table, CONTROLLER_UNIFIED, slot, "cpu.max");
        (void)snprintf(text, sizeof text, "%" PRIu64 " %d", quota_us, PERIOD_US);
    } else {
        slot_path(path, table, CONTROLLER_CPU, slot, "cpu.cfs_quota_us");
        (void)snprintf(text, sizeof text, "%" PRIu64, quota_us);
    }
    return write_file(path, text);
}

int cgroup_make_all(const struct table *table, struct failure *failure) {
    for (int i = 0; i < CONTROLLER_COUNT; i++) {
        if (!table->cgroups[i]) continue;
        if (mkdir(table->cgroups[i], 0755) && errno != EEXIST) return failed(failure, STEP_cgroup, table->cgroups[i]);
        if (i == CONTROLLER_UNIFIED && hand_down(table)) return failed(failure, STEP_cgroup, "cgroup.subtree_control");
        for (size_t slot = 0; slot < table->slot_count; slot++) {
            char path[PATH_SIZE];
            slot_path(path, table, i, slot, "");
            if (mkdir(path, 0755) && errno != EEXIST) return failed(failure, STEP_cgroup, path);
        }
    }
    for (size_t slot = 0; slot < table->slot_count; slot++)
        if (set_cpu(table, slot)) return failed(failure, STEP_cgroup, "limit of processor time");
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

int cgroup_open_file(const struct table *table, enum controller controller, size_t slot, const char *file, int flags) {
    char path[PATH_SIZE];
    slot_path(path, table, controller, slot, file);
    return open(path, flags | O_CLOEXEC);
}

int cgroup_open(const struct table *table, size_t slot, struct cgroup *cgroup, struct failure *failure) {
    *cgroup = (struct cgroup){.directory = -1};
    for (int i = 0; i < CGROUP_FILES; i++) cgroup->files[i] = -1;
    if (table->cgroups[CONTROLLER_UNIFIED]) cgroup->version = &cgroup_v2;
    else if (table->cgroups[CONTROLLER_MEMORY] || table->cgroups[CONTROLLER_PIDS] || table->cgroups[CONTROLLER_CPUACCT]) cgroup->version = &cgroup_v1;
    else return 0;
    return cgroup->version->open(table, slot, cgroup) ? failed(failure, STEP_cgroup, "control files") : 0;
}

int cgroup_enter(const struct table *table, size_t slot, int *clone_into, struct failure *failure) {
    *clone_into = -1;
    if (table->cgroups[CONTROLLER_UNIFIED]) {
        *clone_into = cgroup_open_file(table, CONTROLLER_UNIFIED, slot, "", O_PATH | O_DIRECTORY);
        return *clone_into < 0 ? failed(failure, STEP_cgroup, "directory") : 0;
    }
    for (int i = 0; i < CONTROLLER_UNIFIED; i++) {
        if (!table->cgroups[i]) continue;
        SCOPED_FD procs = cgroup_open_file(table, (enum controller)i, slot, "cgroup.procs", O_WRONLY);
        if (procs < 0 || write_text_at(procs, "0")) return failed(failure, STEP_cgroup, "cgroup.procs");
    }
    return 0;
}

int cgroup_has_memory(const struct cgroup *cgroup) {
    return cgroup->files[CGROUP_MEMORY_LIMIT] >= 0;
}

int cgroup_has_pids(const struct cgroup *cgroup) {
    return cgroup->files[CGROUP_PIDS_LIMIT] >= 0;
}

int cgroup_has_cpu(const struct cgroup *cgroup) {
    return cgroup->files[CGROUP_CPU_TOTAL] >= 0;
}

int cgroup_write_number(int fd, uint64_t number) {
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, number);
    return write_text_at(fd, text);
}

int cgroup_read_number(int fd, const char *name, uint64_t *number) {
    char text[8192];
    if (read_text_at(fd, text, sizeof text)) return -1;
    for (const char *line = text; line; line = strchr(line, '\n')) {
        if (*line == '\n') line++;
        if (strncmp(line, name, strlen(name)) != 0) continue;
        *number = strtoull(line + strlen(name), NULL, 10);
        return 0;
    }
    errno = ENOMSG;
    return -1;
}

int cgroup_set(struct cgroup *cgroup, uint64_t memory_bytes, uint64_t processes, struct failure *failure) {
    if (!cgroup->version || left_out(STEP_cgroup)) return 0;
    uint64_t tasks = processes + cgroup->version->own_tasks;
    if (cgroup_has_memory(cgroup) && cgroup->memory_now != memory_bytes) {
        cgroup->memory_now = 0; /* a failure may leave a half-set limit */
        if (cgroup->version->set_memory(cgroup, memory_bytes)) return failed(failure, STEP_cgroup, "memory limit");
        cgroup->memory_now = memory_bytes;
    }
    if (cgroup_has_pids(cgroup) && cgroup->tasks_now != tasks) {
        cgroup->tasks_now = 0;
        if (cgroup->version->set_tasks(cgroup, tasks)) return failed(failure, STEP_cgroup, "pids.max");
        cgroup->tasks_now = tasks;
    }
    return 0;
}

int cgroup_relax(struct cgroup *cgroup, struct failure *failure) {
    cgroup->memory_now = cgroup->tasks_now = 0;
    if (!cgroup->version) return 0;
    return cgroup->version->relax(cgroup) ? failed(failure, STEP_cgroup, "lifting the limits") : 0;
}

int cgroup_files_in_memory(const struct cgroup *cgroup, uint64_t *bytes) {
    *bytes = 0;
    return cgroup_has_memory(cgroup) ? cgroup_read_number(cgroup->files[CGROUP_MEMORY_STAT], "shmem ", bytes) : 0;
}

int cgroup_read(const struct cgroup *cgroup, struct cgroup_counters *counters, struct failure *failure) {
    *counters = (struct cgroup_counters){0};
    if (!cgroup->version) return 0;
    return cgroup->version->read(cgroup, counters) ? failed(failure, STEP_cgroup, "counters") : 0;
}

void cgroup_restart_peak(struct cgroup *cgroup) {
    cgroup->peak_starts_anew = cgroup_has_memory(cgroup) && cgroup->version->start_peak(cgroup) == 0;
}

uint64_t cgroup_start_peak(struct cgroup *cgroup) {
    uint64_t usage = 0;
    cgroup_restart_peak(cgroup);
    if (!cgroup_has_memory(cgroup)) return 0;
    return cgroup_read_number(cgroup->files[CGROUP_MEMORY_NOW], "", &usage) ? 0 : usage;
}

uint64_t cgroup_peak(const struct cgroup *cgroup) {
    uint64_t peak = 0;
    if (!cgroup->peak_starts_anew || cgroup_read_number(cgroup->files[CGROUP_MEMORY_PEAK], "", &peak)) return 0;
    return peak;
}

/* Calls `visit` for each process of the slot until it returns non-zero; returns that, or 0. */
static int each_process(const struct cgroup *cgroup, int (*visit)(pid_t pid, pid_t argument), pid_t argument) {
    static char text[1 << 20]; /* more processes than this in one slot cannot be: pids.max is far below */
    if (cgroup->directory < 0) return 0;
    /* Opened anew each time: version 1 keeps the list as it was when the file was opened. */
    SCOPED_FD procs = openat(cgroup->directory, "cgroup.procs", O_RDONLY | O_CLOEXEC);
    if (procs < 0 || read_whole(procs, text, sizeof text)) return 1;
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
    /* Version 2 from Linux 5.14 on: all at one moment, forks included. */
    SCOPED_FD killer = cgroup->directory < 0 ? -1 : openat(cgroup->directory, "cgroup.kill", O_WRONLY | O_CLOEXEC);
    if (killer >= 0 && write_text_at(killer, "1") == 0) return;
    (void)each_process(cgroup, kill_one, 0);
}
