/* A command while it runs, and its end as the worker is told of it. Shared by run.c and report-end.c alone. */
#ifndef BULLPEN_RUN_STATE_H
#define BULLPEN_RUN_STATE_H

#include "cpu-watch.h"
#include "run.h"

enum stream { STREAM_STDOUT, STREAM_STDERR, STREAM_COUNT };

struct run {
    struct slot_host *host;
    struct jail *jail;
    struct connection *connection;
    const struct init_command *command;
    struct cgroup_counters before;
    int pipes[STREAM_COUNT];
    uint64_t seen[STREAM_COUNT], kept[STREAM_COUNT];
    struct cpu_watch cpu;
    uint64_t disk_look_us, memory_look_us; /* UINT64_MAX: never */
    uint64_t memory_seen;
    int memory_exceeded;
    uint64_t wall_deadline_us, grace_deadline_us; /* 0: none */
    enum ended_by ended_by;
    struct init_report report;
    int reported, worker_has_more;
};

/* Sends EXITED: how the command ended and what it used. */
enum run_answer report_end(struct run *run, struct failure *failure);

#endif
