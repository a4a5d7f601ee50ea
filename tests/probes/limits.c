#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "probe.h"

static size_t size(const char *text) { return (size_t)strtoull(text, NULL, 10); }

/* Touches every page, so that the memory is really used. */
static long touch_memory(char **a) {
    char *bytes = mmap(NULL, size(a[0]), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (bytes == MAP_FAILED) return -1;
    for (size_t at = 0; at < size(a[0]); at += 4096) bytes[at] = 1;
    return 0;
}

static long touch_memory_in_children(char **a) {
    for (int i = 0; i < atoi(a[1]); i++)
        if (fork() == 0) {
            (void)touch_memory(a);
            (void)pause();
        }
    return usleep(2000000);
}

static long reserve_memory(char **a) {
    return mmap(NULL, size(a[0]), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) == MAP_FAILED ? -1 : 0;
}

/* Uses so many milliseconds of CPU time. */
static long spin(char **a) {
    struct timespec used;
    do {
        if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used)) return -1;
    } while (used.tv_sec * 1000 + used.tv_nsec / 1000000 < atol(a[0]));
    return 0;
}

static long spin_in_children(char **a) {
    for (int i = 0; i < atoi(a[1]); i++)
        if (fork() == 0) _exit(spin(a) ? 1 : 0);
    while (wait(NULL) > 0) {}
    return 0;
}

static long sleep_ms(char **a) { return usleep((useconds_t)atol(a[0]) * 1000); }

/* So many children alive at once, this process not counted. */
static long hold_processes(char **a) {
    for (int i = 0; i < atoi(a[0]); i++) {
        pid_t child = fork();
        if (child < 0) return -1;
        if (child == 0) (void)pause();
    }
    return 0;
}

static void *wait_for_ever(void *argument) { (void)pause(); return argument; }

static long hold_threads(char **a) {
    pthread_t thread;
    for (int i = 0; i < atoi(a[0]); i++) {
        int error = pthread_create(&thread, NULL, wait_for_ever, NULL);
        if (error) return stopped(error);
    }
    return 0;
}

static long fork_bomb(char **a) {
    (void)a;
    while (fork() >= -1) {}
    return 0;
}

static long hold_files(char **a) {
    for (int i = 3; i < atoi(a[0]); i++)
        if (open("/dev/null", O_RDONLY) < 0) return -1;
    return 0;
}

static long use_stack(char **a) {
    volatile char *bytes = __builtin_alloca(size(a[0]));
    for (size_t at = size(a[0]); at > 0; at -= at < 4096 ? at : 4096) bytes[at - 1] = 1;
    return 0;
}

static long leave(char **a) { exit(atoi(a[0])); }
static long kill_self(char **a) { return kill(getpid(), atoi(a[0])) || pause(); }
static long abort_self(char **a) { (void)a; abort(); }

static long ignore_signals(char **a) {
    for (int number = 1; number < 32; number++) (void)signal(number, SIG_IGN);
    return sleep_ms(a);
}

const struct probe limit_probes[] = {
    {"touch-memory", 1, touch_memory}, {"touch-memory-in-children", 2, touch_memory_in_children}, {"reserve-memory", 1, reserve_memory},
    {"spin", 1, spin}, {"spin-in-children", 2, spin_in_children}, {"sleep", 1, sleep_ms}, {"hold-processes", 1, hold_processes},
    {"hold-threads", 1, hold_threads}, {"fork-bomb", 0, fork_bomb}, {"hold-files", 1, hold_files}, {"use-stack", 1, use_stack}, {"exit", 1, leave},
    {"kill-self", 1, kill_self}, {"abort", 0, abort_self}, {"ignore-signals", 1, ignore_signals}, {0},
};
