/*
 * Init: PID 1 of one jail. It enters the jail (enter-jail.c), then starts commands one after another (start-program.c), reaps
 * every process, and kills what a command leaves behind. It speaks with the keeper over one socket of whole messages.
 */
#ifndef BULLPEN_INIT_H
#define BULLPEN_INIT_H

#include <stdint.h>

#include "box.h"
#include "frame.h"
#include "namespaces.h"
#include "steps.h"
#include "table.h"

/* Descriptors that the keeper hands over with a spawn request, in this order. */
enum jail_fd { JAIL_FD_CONTROL, JAIL_FD_VIEW, JAIL_FD_WORK, JAIL_FD_TMP, JAIL_FD_SHM, JAIL_FD_COUNT };
/* Without mounts there is nothing to attach. */
static inline size_t jail_fd_count(enum jailer_mode mode) {
    return mode_has_namespaces(mode) ? JAIL_FD_COUNT : JAIL_FD_CONTROL + 1;
}
/* Descriptors that travel with a command. */
enum command_fd { COMMAND_FD_STDIN, COMMAND_FD_STDOUT, COMMAND_FD_STDERR, COMMAND_FD_COUNT };

struct jail_context {
    const struct table *table;
    const struct profile *profile;
    const struct slot *slot;
    int fds[JAIL_FD_COUNT];
    int oom_score; /* own oom_score_adj, opened before Landlock closes /proc for writing */
    char oom_score_before[16];
    uint64_t namespaces[NAMESPACE_COUNT]; /* numbers of our own, read while there is a /proc */
};

enum { STRINGS_MAX = 8192 };

enum command_kind { COMMAND_RUN = 1, COMMAND_KILL = 2 };

/* Keeper to init. `strings` holds argv and then the environment, each ended by a NUL. */
struct init_command {
    uint32_t kind;
    uint32_t argument_count, environment_count, strings_length;
    /* What the keeper makes of the limits, knowing which of them a cgroup enforces. */
    uint64_t rlimit_processes, rlimit_cpu_seconds, rlimit_data; /* rlimit_data 0: unlimited */
    uint64_t limits[LIMIT_COUNT];
    char strings[FRAME_BODY_MAX];
};
#define INIT_COMMAND_HEAD offsetof(struct init_command, strings)

enum report_kind { REPORT_READY = 1, REPORT_FAILED = 2, REPORT_EXITED = 3 };

/* Init to keeper. */
struct init_report {
    uint32_t kind;
    struct failure failure; /* REPORT_FAILED */
    int landlock_abi;       /* REPORT_READY: 0 where the kernel has none */
    uint64_t namespaces[NAMESPACE_COUNT]; /* REPORT_READY */
    int wait_status;        /* REPORT_EXITED */
    int start_error;        /* REPORT_EXITED: errno of exec, 0 when the program started */
    uint64_t wall_us, user_us, system_us, resident_peak_bytes;
};

/* Never returns. */
_Noreturn void init_main(struct jail_context *jail);

/* The ordered steps from a fresh clone to a confined init; -1 with the step that failed. */
int enter_jail(struct jail_context *jail, struct failure *failure);

/* The program's own process, from fork to exec. Reports a failure through `status_fd`, which exec closes. Never returns. */
_Noreturn void start_program(const struct jail_context *jail, const struct init_command *command, char **arguments, char **environment,
                             const int fds[COMMAND_FD_COUNT], int status_fd);

#endif
