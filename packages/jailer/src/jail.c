#include "jail.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "die-with-master.h"
#include "directory-box.h"
#include "io.h"
#include "kill-user.h"
#include "orphans.h"

enum { READY_TIMEOUT_MS = 10000, ORDERLY_END_MS = 2000 };

int jail_await_report(const struct jail *jail, struct init_report *report, int milliseconds, struct failure *failure) {
    struct pollfd polled = {.fd = jail->control, .events = POLLIN};
    int ready;
    do ready = poll(&polled, 1, milliseconds);
    while (ready < 0 && errno == EINTR);
    if (ready == 0) return failed_with(failure, STEP_init, ETIMEDOUT, "init does not answer");
    if (receive_message(jail->control, report, sizeof *report, NULL, 0, NULL) != sizeof *report)
        return failed_with(failure, STEP_init, ECHILD, "init ended");
    if (report->kind != REPORT_FAILED) return 0;
    *failure = report->failure;
    failure->detail[sizeof failure->detail - 1] = '\0';
    return -1;
}

static int start_init(struct slot_host *host, struct jail *jail, int view, struct failure *failure) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) return failed(failure, STEP_spawn, "socketpair");
    jail->control = pair[0];
    const int fds[JAIL_FD_COUNT] = {pair[1], view, jail->box.trees[BOX_WORK], jail->box.trees[BOX_TMP], jail->box.trees[BOX_SHM]};
    int answer = forker_clone(&host->forker, jail->profile, fds, &jail->init, failure);
    (void)close(pair[1]);
    if (answer) return -1;
    /* We are init's parent, so its pid cannot be reused before we wait for it. */
    jail->init_fd = (int)syscall(SYS_pidfd_open, jail->init, 0);
    return jail->init_fd < 0 ? failed(failure, STEP_spawn, "pidfd") : 0;
}

/* What init reported is compared with our own: a layer counts when it was measured, not when it was asked for. */
static int measure(struct slot_host *host, struct jail *jail, const struct init_report *report, struct failure *failure) {
    int apart = namespaces_differing(host->namespaces, report->namespaces, jail->namespaces, sizeof jail->namespaces);
    if (mode_has_namespaces(host->table->mode) && apart != NAMESPACE_COUNT && !left_out(STEP_spawn)) return failed_with(failure, STEP_measure, EPERM, "a namespace is shared with the host");
    if (host->cgroup.directory >= 0 && !cgroup_holds(&host->cgroup, jail->init)) return failed_with(failure, STEP_measure, EPERM, "init is outside the cgroup");
    jail->landlock_abi = report->landlock_abi;
    return 0;
}

static int make_box(struct slot_host *host, struct jail *jail, struct failure *failure) {
    if (!mode_has_namespaces(host->table->mode)) return directory_box_make(host->table, host->slot, &jail->box, failure);
    return box_make(&host->stage, &host->table->profiles[jail->profile], host->slot, &jail->box, failure);
}

static int prepare(struct slot_host *host, struct jail *jail, struct failure *failure) {
    struct init_report report;
    SCOPED_FD view = mode_has_namespaces(host->table->mode) ? view_copy(&host->stage, host->table, jail->profile, failure) : -1;
    if (view < 0 && mode_has_namespaces(host->table->mode)) return -1;
    if (make_box(host, jail, failure)) return -1;
    if (start_init(host, jail, view, failure)) return -1;
    box_close_trees(&jail->box);
    if (jail_await_report(jail, &report, READY_TIMEOUT_MS, failure)) return -1;
    return measure(host, jail, &report, failure);
}

int jail_prepare(struct slot_host *host, size_t profile, struct jail *jail, struct failure *failure) {
    *jail = (struct jail){.profile = profile, .control = -1, .init = -1, .init_fd = -1};
    box_init(&jail->box);
    if (prepare(host, jail, failure) == 0) return 0;
    jail_destroy(host, jail);
    return -1;
}

int jail_open(struct slot_host *host, struct jail *jail, uint64_t disk_bytes, uint64_t disk_files, struct failure *failure) {
    jail->memory_before = cgroup_start_peak(&host->cgroup);
    return box_resize(&jail->box, disk_bytes, disk_files, failure);
}

/* Without a PID namespace init itself ends the programs when the control socket closes; if it cannot any more, they became our children. */
static void end_by_hand(struct slot_host *host, struct jail *jail) {
    struct pollfd polled = {.fd = jail->init_fd, .events = POLLIN};
    int ready;
    do ready = poll(&polled, 1, ORDERLY_END_MS);
    while (ready < 0 && errno == EINTR);
    (void)kill(jail->init, SIGKILL);
    while (waitpid(jail->init, NULL, __WALL) < 0 && errno == EINTR) {}
    /* Any change of credentials makes the kernel forget that we die with the master. */
    if (host->table->mode == MODE_CLASSIC && (kill_user(host->slot) || die_with_master())) _exit(1);
    (void)end_orphans(&host->forker.pid, 1, 0);
}

void jail_kill(struct slot_host *host, struct jail *jail) {
    close_and_forget(&jail->control);
    if (jail->init > 0 && mode_has_namespaces(host->table->mode)) {
        /* The end of a PID namespace's init is the end of the namespace: the kernel kills and reaps every process before we are told. */
        (void)kill(jail->init, SIGKILL);
        while (waitpid(jail->init, NULL, __WALL) < 0 && errno == EINTR) {}
    } else if (jail->init > 0) {
        end_by_hand(host, jail);
    }
    jail->init = -1;
    close_and_forget(&jail->init_fd);
}

void jail_destroy(struct slot_host *host, struct jail *jail) {
    jail_kill(host, jail);
    box_destroy(&jail->box);
    /* What cannot be removed is found by prove_empty. */
    if (!mode_has_namespaces(host->table->mode)) (void)directory_box_remove(host->table, host->slot);
}
