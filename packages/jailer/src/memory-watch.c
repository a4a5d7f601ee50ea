#include "memory-watch.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file-user.h"
#include "io.h"

enum { PROCESSES_MAX = 8192, PARENT_FIELD = 4, RESIDENT_FIELD = 24 };

struct process {
    pid_t pid, parent;
    uint64_t resident_bytes;
    int is_of_jail;
};

static struct process processes[PROCESSES_MAX];

/* A process may end while it is looked at. The name, field 2, may hold anything; what follows its last parenthesis is numbers. */
static int read_process(int proc, const char *name, struct process *process) {
    char path[300], text[1024];
    (void)snprintf(path, sizeof path, "%s/stat", name);
    SCOPED_FD file = openat(proc, path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || read_text_at(file, text, sizeof text)) return -1;
    char *at = strrchr(text, ')');
    *process = (struct process){.pid = (pid_t)strtol(name, NULL, 10)};
    for (int field = 3; at && field <= RESIDENT_FIELD; field++) {
        at = strchr(at + 1, ' ');
        if (at && field == PARENT_FIELD) process->parent = (pid_t)strtol(at, NULL, 10);
        if (at && field == RESIDENT_FIELD) process->resident_bytes = strtoull(at, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
    }
    return at ? 0 : -1;
}

static size_t read_processes(int proc, DIR *entries, uid_t user) {
    struct stat status;
    size_t count = 0;
    for (const struct dirent *entry; count < PROCESSES_MAX && (entry = readdir(entries));) {
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
        if (fstatat(proc, entry->d_name, &status, 0) == 0 && status.st_uid == user && read_process(proc, entry->d_name, &processes[count]) == 0) count++;
    }
    return count;
}

/* Where the user is not the jail's alone, its processes are those below init. */
static void find_descendants(size_t count, pid_t init) {
    for (int found = 1; found;) {
        found = 0;
        for (size_t i = 0; i < count; i++) {
            if (processes[i].is_of_jail) continue;
            int is_below = processes[i].parent == init;
            for (size_t k = 0; k < count && !is_below; k++) is_below = processes[k].is_of_jail && processes[k].pid == processes[i].parent;
            if (is_below) found = processes[i].is_of_jail = 1;
        }
    }
}

/* Each shared page counts in parts. A process that lets nobody look has what it has. */
static uint64_t proportional_bytes(int proc, const struct process *process) {
    char path[40], text[2048];
    (void)snprintf(path, sizeof path, "%d/smaps_rollup", (int)process->pid);
    SCOPED_FD file = openat(proc, path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || read_whole(file, text, sizeof text)) return process->resident_bytes;
    const char *line = strstr(text, "\nPss:");
    return line ? strtoull(line + 5, NULL, 10) * 1024u : process->resident_bytes;
}

static uint64_t sum(int proc, size_t count, int exactly) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        if (processes[i].is_of_jail) bytes += exactly ? proportional_bytes(proc, &processes[i]) : processes[i].resident_bytes;
    return bytes;
}

uint64_t memory_in_use(const struct slot_host *host, const struct jail *jail, uint64_t enough) {
    DIR *entries = opendir("/proc");
    if (!entries) return 0;
    int proc = dirfd(entries);
    size_t count = read_processes(proc, entries, host->slot->uid);
    if (host->table->mode == MODE_CLASSIC)
        for (size_t i = 0; i < count; i++) processes[i].is_of_jail = 1;
    else find_descendants(count, jail->init);
    uint64_t bytes = sum(proc, count, 0);
    if (bytes > enough) {
        /* The kernel shows a process's maps to its own user. */
        become_slot(host->slot);
        bytes = sum(proc, count, 1);
        become_keeper();
    }
    (void)closedir(entries);
    return bytes;
}
