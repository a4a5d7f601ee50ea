#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "end-programs.h"
#include "io.h"
#include "landlock.h"

/* REAP_MAX: a storm of dying processes must not keep us from hearing the keeper. */
enum { HIGH_FD = 10, REAP_MAX = 256 };

/* The command that runs now. */
struct running {
    pid_t pid;
    int status;
    int ended;
    uint64_t started_us;
};

static struct init_command command;
/*
 * What the program may read of its own part of /proc, where it is granted no other: the kernel forgets a rule with the entry that it is for,
 * and may drop entries that nobody holds.
 */
static int held_proc[OWN_PROC_COUNT];
static char *strings[STRINGS_MAX + 2];

static _Noreturn void give_up(const struct jail_context *jail, const struct failure *failure) {
    struct init_report report = {.kind = REPORT_FAILED, .failure = *failure};
    end_programs(jail);
    (void)send_message(jail->fds[JAIL_FD_CONTROL], &report, sizeof report, NULL, 0);
    _exit(1);
}

static _Noreturn void give_up_at(const struct jail_context *jail, enum step step, const char *detail) {
    struct failure failure;
    (void)failed(&failure, step, detail);
    give_up(jail, &failure);
}

/* Points argv and the environment into the command's strings; returns the environment. */
static char **split_strings(const struct jail_context *jail, ssize_t received) {
    char *at = command.strings, *end = command.strings + command.strings_length;
    size_t count = (size_t)command.argument_count + command.environment_count, place = 0;
    errno = EINVAL;
    if ((size_t)received != INIT_COMMAND_HEAD + command.strings_length || command.argument_count == 0 || count > STRINGS_MAX)
        give_up_at(jail, STEP_receive_command, "counts");
    for (size_t i = 0; i < count; i++) {
        char *stop = memchr(at, 0, (size_t)(end - at));
        if (!stop) give_up_at(jail, STEP_receive_command, "strings");
        if (i == command.argument_count) strings[place++] = NULL;
        strings[place++] = at;
        at = stop + 1;
    }
    if (command.environment_count == 0) strings[place++] = NULL;
    strings[place] = NULL;
    return strings + command.argument_count + 1;
}

/*
 * The OOM killer takes the program before init and the forker: the child inherits the highest score, and init's own is as before at
 * once. Raising a score and taking that back needs no privilege (proc(5): only going below the lowest privileged value does).
 */
static pid_t fork_program(const struct jail_context *jail) {
    if (write_text_at(jail->oom_score, "1000")) give_up_at(jail, STEP_protect_init, "oom_score_adj");
    pid_t pid = fork();
    if (pid != 0 && write_text_at(jail->oom_score, jail->oom_score_before))
        give_up_at(jail, STEP_protect_init, "oom_score_adj");
    return pid;
}

static int raise_fd(int *fd) {
    int high = fcntl(*fd, F_DUPFD_CLOEXEC, HIGH_FD);
    (void)close(*fd);
    *fd = high;
    return high < 0 ? -1 : 0;
}

static void hold_own_proc(const struct jail_context *jail, pid_t pid) {
    char path[48];
    if (mode_has_namespaces(jail->table->mode)) return;
    for (size_t i = 0; i < OWN_PROC_COUNT; i++) {
        (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, own_proc[i]);
        held_proc[i] = open(path, O_PATH | O_CLOEXEC);
    }
}

static void let_own_proc_go(const struct jail_context *jail) {
    if (mode_has_namespaces(jail->table->mode)) return;
    for (size_t i = 0; i < OWN_PROC_COUNT; i++) close_and_forget(&held_proc[i]);
}

/* Starts the program; returns its pid once exec succeeded or its errno is known, and gives up on any earlier failure. */
static pid_t start(const struct jail_context *jail, char **environment, int fds[COMMAND_FD_COUNT], int *start_error) {
    int status[2];
    struct failure failure;
    for (int i = 0; i < COMMAND_FD_COUNT; i++)
        if (raise_fd(&fds[i])) give_up_at(jail, STEP_stdio, "descriptor");
    if (pipe2(status, O_CLOEXEC) || raise_fd(&status[1])) give_up_at(jail, STEP_fork, "pipe");
    pid_t pid = fork_program(jail);
    if (pid < 0) give_up_at(jail, STEP_fork, "fork");
    if (pid == 0) start_program(jail, &command, strings, environment, fds, status[1]);
    hold_own_proc(jail, pid);
    (void)close(status[1]);
    for (int i = 0; i < COMMAND_FD_COUNT; i++) (void)close(fds[i]);
    ssize_t length = read(status[0], &failure, sizeof failure);
    (void)close(status[0]);
    *start_error = 0;
    if (length == 0) return pid;
    if (length != sizeof failure) give_up_at(jail, STEP_fork, "status");
    if (failure.step != STEP_exec) give_up(jail, &failure);
    *start_error = failure.error;
    return pid;
}

/* Reaps what has ended, at most `most` processes; orphans of the jail become our children, too. Returns whether there may be more. */
static int reap(struct running *running, int options, int most) {
    int status;
    for (; most > 0; most--) {
        pid_t pid = waitpid(-1, &status, options | __WALL);
        if (pid <= 0) return 0;
        if (pid == running->pid && !running->ended) { /* its number may be used again by an orphan */
            running->status = status;
            running->ended = 1;
        }
    }
    return 1;
}

/* A command's end is the end of all its processes: nothing outlives it. */
static void kill_the_rest(const struct jail_context *jail, struct running *running) {
    if (left_out(STEP_init)) return;
    kill_programs(jail);
    (void)reap(running, 0, INT_MAX);
}

/* The keeper is gone. */
static _Noreturn void leave(const struct jail_context *jail) {
    end_programs(jail);
    _exit(1);
}

static void wait_for_end(const struct jail_context *jail, int signals, struct running *running) {
    struct pollfd polled[] = {{.fd = signals, .events = POLLIN}, {.fd = jail->fds[JAIL_FD_CONTROL], .events = POLLIN}};
    int may_be_more = 0;
    while (!running->ended) {
        if (poll(polled, 2, may_be_more ? 0 : -1) < 0 && errno != EINTR) give_up_at(jail, STEP_init, "poll");
        if (polled[1].revents) {
            uint32_t kind;
            /* Only KILL can come now; the end of the socket means that the keeper is gone. */
            if (recv(jail->fds[JAIL_FD_CONTROL], &kind, sizeof kind, 0) <= 0) leave(jail);
            kill_programs(jail);
        }
        if (polled[0].revents) {
            struct signalfd_siginfo info;
            (void)!read(signals, &info, sizeof info);
        }
        may_be_more = reap(running, WNOHANG, REAP_MAX);
    }
}

static uint64_t microseconds(const struct timeval *time) {
    return (uint64_t)time->tv_sec * 1000000u + (uint64_t)time->tv_usec;
}

static void run(const struct jail_context *jail, int signals, ssize_t received, int fds[COMMAND_FD_COUNT]) {
    struct init_report report = {.kind = REPORT_EXITED};
    struct rusage before, after;
    char **environment = split_strings(jail, received);
    (void)getrusage(RUSAGE_CHILDREN, &before);
    struct running running = {.started_us = monotonic_us()};
    running.pid = start(jail, environment, fds, &report.start_error);
    wait_for_end(jail, signals, &running);
    report.wall_us = monotonic_us() - running.started_us;
    kill_the_rest(jail, &running);
    let_own_proc_go(jail);
    (void)getrusage(RUSAGE_CHILDREN, &after);
    report.wait_status = running.status;
    report.user_us = microseconds(&after.ru_utime) - microseconds(&before.ru_utime);
    report.system_us = microseconds(&after.ru_stime) - microseconds(&before.ru_stime);
    report.resident_peak_bytes = (uint64_t)after.ru_maxrss * 1024u;
    if (send_message(jail->fds[JAIL_FD_CONTROL], &report, sizeof report, NULL, 0)) _exit(1);
}

/*
 * Ignored signals are inherited from whoever started the worker: programs get the default dispositions. SIGCHLD is read from a
 * descriptor, so that one poll waits for the program and for the keeper.
 */
static int settle_signals(void) {
    sigset_t watched;
    struct sigaction action = {.sa_handler = SIG_DFL};
    /* Fails for SIGKILL, SIGSTOP and the C library's own two, which cannot be ignored anyway. */
    for (int number = 1; number < NSIG; number++) (void)sigaction(number, &action, NULL);
    if (sigemptyset(&watched) || sigaddset(&watched, SIGCHLD) || sigprocmask(SIG_BLOCK, &watched, NULL)) return -1;
    return signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
}

void init_main(struct jail_context *jail) {
    struct failure failure;
    (void)prctl(PR_SET_NAME, "bullpen-init");
    int signals = settle_signals();
    if (signals < 0) give_up_at(jail, STEP_init, "signalfd");
    if (enter_jail(jail, &failure)) give_up(jail, &failure);
    for (size_t i = JAIL_FD_VIEW; i < jail_fd_count(jail->table->mode); i++) close_and_forget(&jail->fds[i]);
    /* Touched now, so that no command finds too little memory left for what starts it. */
    memset(&command, 1, sizeof command);
    memset(strings, 1, sizeof strings);
    struct init_report ready = {.kind = REPORT_READY, .landlock_abi = left_out(STEP_landlock) ? 0 : landlock_abi()};
    memcpy(ready.namespaces, jail->namespaces, sizeof ready.namespaces);
    if (send_message(jail->fds[JAIL_FD_CONTROL], &ready, sizeof ready, NULL, 0)) _exit(1);
    for (;;) {
        int fds[COMMAND_FD_COUNT];
        size_t count;
        ssize_t received = receive_message(jail->fds[JAIL_FD_CONTROL], &command, sizeof command, fds, COMMAND_FD_COUNT, &count);
        if (received <= 0) _exit(0); /* the keeper closed the jail */
        if (received >= (ssize_t)sizeof command.kind && command.kind == COMMAND_KILL) continue; /* came after the end of its command */
        if (received < (ssize_t)INIT_COMMAND_HEAD || count != COMMAND_FD_COUNT) give_up_at(jail, STEP_receive_command, "message");
        run(jail, signals, received, fds);
    }
}
