#include "master.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cgroup.h"
#include "io.h"
#include "keeper.h"

enum { FIRST_SLOT_FD = 3, YOUNG_US = 1000000, RETRY_MIN_MS = 50, RETRY_MAX_MS = 5000 };

struct ward {
    pid_t keeper; /* -1: to be started at start_us */
    uint64_t started_us, start_us;
    unsigned retry_ms;
};

static struct ward wards[SLOTS_MAX];

static void start_keeper(const struct table *table, size_t slot) {
    pid_t parent = getpid();
    pid_t pid = fork();
    wards[slot].started_us = monotonic_us();
    if (pid == 0) {
        sigset_t none;
        (void)sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent) _exit(1);
        /* Another slot's socket in this keeper would keep that slot's worker end open, and be one more thing to guard. */
        for (size_t other = 0; other < table->slot_count; other++)
            if (other != slot) (void)close(FIRST_SLOT_FD + (int)other);
        (void)close(0);
        (void)open("/dev/null", O_RDONLY | O_CLOEXEC);
        keeper_main(table, slot, FIRST_SLOT_FD + (int)slot);
    }
    wards[slot].keeper = pid;
    wards[slot].start_us = wards[slot].started_us + RETRY_MAX_MS * 1000;
}

/* A keeper that dies young would die again at once: it is given more and more time, so that a broken host is not also a busy one. */
static void plan_restart(struct ward *ward) {
    uint64_t now_us = monotonic_us();
    int young = now_us - ward->started_us < YOUNG_US;
    ward->retry_ms = !young ? 0 : ward->retry_ms == 0 ? RETRY_MIN_MS : ward->retry_ms * 2;
    if (ward->retry_ms > RETRY_MAX_MS) ward->retry_ms = RETRY_MAX_MS;
    ward->keeper = -1;
    ward->start_us = now_us + ward->retry_ms * 1000ull;
}

static void bury(const struct table *table) {
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0;)
        for (size_t slot = 0; slot < table->slot_count; slot++)
            if (wards[slot].keeper == pid) plan_restart(&wards[slot]);
}

/* Starts the keepers whose time has come; returns how long to wait for the next one, -1 for none. */
static int start_due(const struct table *table) {
    int wait_ms = -1;
    for (size_t slot = 0; slot < table->slot_count; slot++) {
        if (wards[slot].keeper > 0) continue;
        if (wards[slot].start_us <= monotonic_us()) start_keeper(table, slot);
        if (wards[slot].keeper < 0) wait_ms = RETRY_MIN_MS;
    }
    return wait_ms;
}

/* Keepers die with their jails (PR_SET_PDEATHSIG, and the end of a PID namespace's init); we wait until all have, being their subreaper. */
static void end_all(const struct table *table) {
    const struct timespec pause = {.tv_nsec = 1000000};
    for (size_t slot = 0; slot < table->slot_count; slot++)
        if (wards[slot].keeper > 0) (void)kill(wards[slot].keeper, SIGKILL);
    for (;;) {
        pid_t pid = waitpid(-1, NULL, __WALL | WNOHANG);
        if (pid < 0 && errno != EINTR) break;
        if (pid == 0) (void)nanosleep(&pause, NULL);
    }
    cgroup_remove_all(table);
}

static int check_descriptors(const struct table *table) {
    for (size_t slot = 0; slot < table->slot_count; slot++) {
        int type, fd = FIRST_SLOT_FD + (int)slot;
        socklen_t size = sizeof type;
        if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) || type != SOCK_STREAM || fcntl(fd, F_SETFD, FD_CLOEXEC)) {
            (void)fprintf(stderr, "bullpen-jailer: descriptor %d must be the stream socket of slot %zu\n", fd, slot);
            return -1;
        }
    }
    return 0;
}

static int watched_signals(void) {
    sigset_t watched;
    (void)sigemptyset(&watched);
    (void)sigaddset(&watched, SIGCHLD);
    (void)sigaddset(&watched, SIGTERM);
    /* Ctrl-C in a terminal reaches the whole group; the worker decides when we end. */
    (void)sigaddset(&watched, SIGINT);
    if (sigprocmask(SIG_BLOCK, &watched, NULL)) return -1;
    return signalfd(-1, &watched, SFD_CLOEXEC);
}

int master_main(const struct table *table) {
    struct failure failure;
    int signals = watched_signals();
    if (check_descriptors(table) || signals < 0) return 2;
    (void)prctl(PR_SET_NAME, "bullpen-master");
    /* Orphans of a keeper that died become ours, so that we can wait for them. */
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) || prctl(PR_SET_DUMPABLE, 0)) return 2;
    if (cgroup_make_all(table, &failure)) {
        (void)fprintf(stderr, "bullpen-jailer: step %s: %s (%s)\n", step_name(failure.step), strerror(failure.error), failure.detail);
        return 2;
    }
    for (size_t slot = 0; slot < table->slot_count; slot++) wards[slot].keeper = -1;
    for (;;) {
        struct pollfd polled[] = {{.fd = 0, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
        int wait_ms = start_due(table);
        if (poll(polled, 2, wait_ms) < 0 && errno != EINTR) break;
        if (polled[1].revents) {
            struct signalfd_siginfo info;
            if (read(signals, &info, sizeof info) == sizeof info && info.ssi_signo == SIGTERM) break;
            bury(table);
        }
        if (polled[0].revents) {
            char byte;
            /* Nobody writes to the leash; whatever it says means that the worker is gone or mad. */
            if (read(0, &byte, 1) < 0 && errno == EINTR) continue;
            break;
        }
    }
    end_all(table);
    return 0;
}
