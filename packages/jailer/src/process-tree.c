#include "process-tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"

enum { PARENT_FIELD = 4, FIRST_CPU_FIELD = 14, LAST_CPU_FIELD = 17, RESIDENT_FIELD = 24 };

static struct process processes[PROCESS_TREE_MAX];

static uint64_t ticks_to_us(uint64_t ticks) {
    return ticks * 1000000u / (uint64_t)sysconf(_SC_CLK_TCK);
}

/* A process may end while it is looked at. The name, field 2, may hold anything; what follows its last parenthesis is the state and numbers. */
int process_read(int proc, const char *name, struct process *process) {
    char path[300], text[1024];
    (void)snprintf(path, sizeof path, "%s/stat", name);
    SCOPED_FD file = openat(proc, path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || read_text_at(file, text, sizeof text)) return -1;
    char *at = strrchr(text, ')');
    *process = (struct process){.pid = (pid_t)strtol(name, NULL, 10)};
    if (!at || strlen(at) < 3) return -1;
    process->state = at[2];
    for (int field = 3; at && field <= RESIDENT_FIELD; field++) {
        at = strchr(at + 1, ' ');
        if (at && field == PARENT_FIELD) process->parent = (pid_t)strtol(at, NULL, 10);
        if (at && field >= FIRST_CPU_FIELD && field <= LAST_CPU_FIELD) process->cpu_us += ticks_to_us(strtoull(at, NULL, 10));
        if (at && field == RESIDENT_FIELD) process->resident_bytes = strtoull(at, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
    }
    return at ? 0 : -1;
}

size_t process_tree_read(DIR *proc, uid_t user, const struct process **list) {
    struct stat status;
    size_t count = 0;
    *list = processes;
    for (const struct dirent *entry; count < PROCESS_TREE_MAX && (entry = readdir(proc));) {
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
        if (user != EVERY_USER && (fstatat(dirfd(proc), entry->d_name, &status, 0) || status.st_uid != user)) continue;
        if (process_read(dirfd(proc), entry->d_name, &processes[count]) == 0) count++;
    }
    return count;
}

static int is_spared(pid_t pid, const pid_t *spared, size_t spared_count) {
    for (size_t i = 0; i < spared_count; i++)
        if (spared[i] == pid) return 1;
    return 0;
}

static int has_marked_parent(size_t count, const struct process *process) {
    for (size_t i = 0; i < count; i++)
        if (processes[i].is_below && processes[i].pid == process->parent) return 1;
    return 0;
}

void process_tree_mark_below(size_t count, pid_t root, const pid_t *spared, size_t spared_count) {
    for (int found = 1; found;) {
        found = 0;
        for (size_t i = 0; i < count; i++) {
            struct process *process = &processes[i];
            if (process->is_below || is_spared(process->pid, spared, spared_count)) continue;
            if (process->parent == root || has_marked_parent(count, process)) found = process->is_below = 1;
        }
    }
}

void process_tree_mark_all(size_t count) {
    for (size_t i = 0; i < count; i++) processes[i].is_below = 1;
}
