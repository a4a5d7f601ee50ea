#include "master.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cgroup.h"
#include "channel.h"
#include "die-with-master.h"
#include "io.h"
#include "directory-box.h"
#include "keeper.h"
#include "orphans.h"
#include "stale-boxes.h"
#include "uid-lock.h"

enum { FIRST_SLOT_FD = 3, YOUNG_US = 1000000, RETRY_MIN_MS = 50, RETRY_MAX_MS = 5000, EXIT_UID_TAKEN = 3, ORDERLY_END_MS = 2000 };

struct ward {
    pid_t keeper; /* -1: to be started at start_us */
    uint64_t started_us, start_us;
    unsigned retry_ms;
    unsigned started; /* keepers of this slot so far */
    unsigned char nonce[NONCE_SIZE]; /* of the next one */
};

static struct ward wards[SLOTS_MAX];

/*
 * All keepers of a slot speak over one socket, and one that is killed may leave a part of a frame in either direction. So each
 * keeper but the first is known by a nonce that did not exist while another lived: nothing in the socket can imitate it.
 */
static int announce_next(size_t slot) {
    unsigned char *nonce = wards[slot].nonce;
    return getrandom(nonce, NONCE_SIZE, 0) == NONCE_SIZE && channel_announce(slot, nonce) == 0 ? 0 : -1;
}

static void start_keeper(const struct table *table, size_t slot) {
    int is_first = wards[slot].started == 0;
    pid_t parent = getpid();
    pid_t pid = fork();
    wards[slot].started_us = monotonic_us();
    if (pid == 0) {
        sigset_t none;
        (void)sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);
        know_master(parent);
        if (die_with_master()) _exit(1);
        /* Ctrl-C is the worker's to decide about; programs get the default back from init. */
        (void)signal(SIGINT, SIG_IGN);
        /* Another slot's socket in this keeper would keep that slot's worker end open, and be one more thing to guard. */
        for (size_t other = 0; other < table->slot_count; other++)
            if (other != slot) (void)close(FIRST_SLOT_FD + (int)other);
        uid_locks_keep_only(table, slot);
        /* The worker's channel is the master's. */
        int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(nothing, 1) < 0) _exit(1);
        (void)close(nothing);
        keeper_main(table, slot, FIRST_SLOT_FD + (int)slot, is_first ? NULL : wards[slot].nonce);
    }
    wards[slot].keeper = pid;
    if (pid > 0) wards[slot].started++;
    wards[slot].start_us = wards[slot].started_us + RETRY_MAX_MS * 1000;
}

/* A wish for a keeper that has ended meanwhile is granted already. */
static void grant(const struct wish *wish) {
    const struct ward *ward = &wards[wish->slot];
    if (ward->keeper > 0 && ward->started == wish->keeper + 1) (void)kill(ward->keeper, SIGKILL);
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

/* Without PID namespaces a dead keeper's jail ends by its init; whatever is left of it then became ours. The next keeper must not meet it. */
static void end_strays(const struct table *table) {
    static pid_t keepers[SLOTS_MAX];
    if (mode_has_namespaces(table->mode)) return;
    for (size_t slot = 0; slot < table->slot_count; slot++) keepers[slot] = wards[slot].keeper;
    (void)end_orphans(keepers, table->slot_count, ORDERLY_END_MS);
}

/* -1 when the worker cannot be told of a keeper's end. */
static int bury(const struct table *table) {
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0;)
        for (size_t slot = 0; slot < table->slot_count; slot++)
            if (wards[slot].keeper == pid) {
                plan_restart(&wards[slot]);
                if (announce_next(slot)) return -1;
                end_strays(table);
            }
    return 0;
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
    if (!mode_has_namespaces(table->mode)) (void)end_orphans(NULL, 0, ORDERLY_END_MS);
    for (;;) {
        pid_t pid = waitpid(-1, NULL, __WALL | WNOHANG);
        if (pid < 0 && errno != EINTR) break;
        if (pid == 0) (void)nanosleep(&pause, NULL);
    }
    for (size_t slot = 0; slot < table->slot_count; slot++)
        if (table->boxes) (void)directory_box_remove(table, &table->slots[slot]);
    cgroup_remove_all(table);
    uid_locks_remove(table);
}

/* The stages' mount points are ours; the directory itself goes too when nothing else is in it. */
static void remove_run_dir(const struct table *table, const char *table_path) {
    char path[128];
    for (size_t slot = 0; slot < table->slot_count; slot++) {
        (void)snprintf(path, sizeof path, "%s/slot-%zu", table->run_dir, slot);
        (void)rmdir(path);
    }
    (void)unlink(table_path);
    (void)rmdir(table->run_dir);
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

int master_main(const struct table *table, const char *table_path) {
    struct failure failure;
    char problem[256];
    /* A worker that has gone is noticed by the answer of a call, not by a signal that kills us first. */
    (void)signal(SIGPIPE, SIG_IGN);
    int signals = watched_signals();
    if (check_descriptors(table) || signals < 0) return 2;
    (void)prctl(PR_SET_NAME, "bullpen-master");
    /* Orphans of a keeper that died become ours, so that we can wait for them. */
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) || prctl(PR_SET_DUMPABLE, 0)) return 2;
    if (box_places_find(table, problem, sizeof problem)) {
        (void)fprintf(stderr, "bullpen-jailer: %s\n", problem);
        return 2;
    }
    int locked = uid_locks_take(table, problem, sizeof problem);
    if (locked) {
        (void)fprintf(stderr, "bullpen-jailer: %s\n", problem);
        return locked == UID_TAKEN ? EXIT_UID_TAKEN : 2;
    }
    if (cgroup_make_all(table, &failure)) {
        (void)fprintf(stderr, "bullpen-jailer: step %s: %s (%s)\n", step_name(failure.step), strerror(failure.error), failure.detail);
        return 2;
    }
    stale_boxes_remove(table);
    for (size_t slot = 0; slot < table->slot_count; slot++) wards[slot].keeper = -1;
    for (;;) {
        struct pollfd polled[] = {{.fd = 0, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
        int wait_ms = start_due(table);
        if (poll(polled, 2, wait_ms) < 0 && errno != EINTR) break;
        if (polled[1].revents) {
            struct signalfd_siginfo info;
            if (read(signals, &info, sizeof info) == sizeof info && info.ssi_signo == SIGTERM) break;
            if (bury(table)) break;
        }
        if (polled[0].revents && channel_receive(grant)) break;
    }
    end_all(table);
    remove_run_dir(table, table_path);
    return 0;
}
