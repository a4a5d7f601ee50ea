#include "orphans.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "io.h"
#include "process-tree.h"

enum { LONGEST_US = 10000000, BETWEEN_LOOKS_NS = 1000000, PASSES_MAX = 1000 };

static int is_kept(const pid_t *keep, size_t count, pid_t pid) {
    for (size_t i = 0; i < count; i++)
        if (keep[i] == pid) return 1;
    return 0;
}

/* Reaps the children that are not kept, or kills them when `killing`; how many are left, -1 when the kernel does not list them. */
static int visit_others(const pid_t *keep, size_t count, int killing) {
    static char text[1 << 18];
    char path[48];
    int others = 0;
    (void)snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    SCOPED_FD list = open(path, O_RDONLY | O_CLOEXEC);
    if (list < 0 || read_whole(list, text, sizeof text)) return -1;
    for (char *at = text, *end;; at = end) {
        pid_t pid = (pid_t)strtol(at, &end, 10);
        if (end == at) return others;
        if (is_kept(keep, count, pid) || waitpid(pid, NULL, WNOHANG | __WALL) == pid) continue;
        others++;
        if (killing) (void)kill(pid, SIGKILL);
    }
}

/*
 * Those that fork faster than they can be killed one by one are stopped first: a stopped process forks no more, so each pass finds fewer
 * that still run, and in the end none.
 */
static void stop_below(const pid_t *keep, size_t count) {
    const struct process *list;
    for (int running = 1, passes = 0; running > 0 && passes < PASSES_MAX; passes++) {
        DIR *proc = opendir("/proc");
        if (!proc) return;
        size_t found = process_tree_read(proc, EVERY_USER, &list);
        (void)closedir(proc);
        process_tree_mark_below(found, getpid(), keep, count);
        running = 0;
        for (size_t i = 0; i < found; i++)
            if (list[i].is_below && !strchr("TtZX", list[i].state) && kill(list[i].pid, SIGSTOP) == 0) running++;
    }
}

int end_orphans(const pid_t *keep, size_t count, unsigned patience_ms) {
    const struct timespec pause = {.tv_nsec = BETWEEN_LOOKS_NS};
    uint64_t start_us = monotonic_us();
    for (;;) {
        uint64_t waited_us = monotonic_us() - start_us;
        int killing = waited_us >= patience_ms * 1000ull;
        if (killing && visit_others(keep, count, 0) > 0) stop_below(keep, count);
        int others = visit_others(keep, count, killing);
        if (others <= 0) return others;
        if (waited_us > LONGEST_US) return -1;
        (void)nanosleep(&pause, NULL);
    }
}
