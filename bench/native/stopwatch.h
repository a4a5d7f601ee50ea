/*
 * How a native part of a benchmark is driven: it reads lines `NAME COUNT` from standard input, measures COUNT times and writes one
 * line of nanoseconds per measurement, then an empty line. So one script can take turns between several programs, and noise of the
 * machine hits all of them alike.
 */
#ifndef BULLPEN_BENCH_STOPWATCH_H
#define BULLPEN_BENCH_STOPWATCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline uint64_t now_ns(void) {
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now)) abort();
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static _Noreturn inline void give_up(const char *what) {
    perror(what);
    exit(1);
}

/* Calls `measure` with each request until standard input ends; `measure` prints its lines itself. */
static inline void serve_stopwatch(void (*measure)(const char *name, int count)) {
    char name[16];
    int count;
    while (scanf("%15s %d", name, &count) == 2) {
        measure(name, count);
        if (putchar('\n') == EOF || fflush(stdout)) give_up("stdout");
    }
}

#endif
