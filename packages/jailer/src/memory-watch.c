#include "memory-watch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file-user.h"
#include "io.h"
#include "process-tree.h"

/* Each shared page counts in parts. A process that lets nobody look has what it has. */
static uint64_t proportional_bytes(int proc, const struct process *process) {
    char path[40], text[2048];
    (void)snprintf(path, sizeof path, "%d/smaps_rollup", (int)process->pid);
    SCOPED_FD file = openat(proc, path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || read_whole(file, text, sizeof text)) return process->resident_bytes;
    const char *line = strstr(text, "\nPss:");
    return line ? strtoull(line + 5, NULL, 10) * 1024u : process->resident_bytes;
}

static uint64_t sum(int proc, const struct process *list, size_t count, int exactly) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        if (list[i].is_below) bytes += exactly ? proportional_bytes(proc, &list[i]) : list[i].resident_bytes;
    return bytes;
}

uint64_t memory_in_use(const struct slot_host *host, const struct jail *jail, uint64_t enough) {
    const struct process *list;
    DIR *proc = opendir("/proc");
    if (!proc) return 0;
    size_t count = process_tree_read(proc, host->slot->uid, &list);
    /* Where the user is not the jail's alone, its processes are those below init. */
    if (host->table->mode == MODE_CLASSIC) process_tree_mark_all(count);
    else process_tree_mark_below(count, jail->init, NULL, 0);
    uint64_t bytes = sum(dirfd(proc), list, count, 0);
    if (bytes > enough) {
        /* The kernel shows a process's maps to its own user. */
        become_slot(host->slot);
        bytes = sum(dirfd(proc), list, count, 1);
        become_keeper();
    }
    (void)closedir(proc);
    return bytes;
}
