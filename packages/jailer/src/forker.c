#include "forker.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cgroup.h"
#include "io.h"
#include "tmpfs.h"

enum { SOCKET_FD = 3 };

struct spawn_request {
    uint32_t profile;
};

struct spawn_reply {
    pid_t pid;
    struct failure failure;
};

/*
 * In a user namespace the kernel allows a new /proc only where an old one is visible in full. Each jail's namespace starts with
 * this copy and drops it with its old root.
 */
static int keep_proc(int root) {
    if (mkdirat(root, "proc", 0755)) return -1;
    SCOPED_FD proc = open_tree(AT_FDCWD, "/proc", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
    return proc < 0 ? -1 : move_mount(proc, "", root, "proc", MOVE_MOUNT_F_EMPTY_PATH);
}

/* Leaves a mount namespace that holds one empty folder: every jail's namespace starts as a copy of it, and copies of nothing are quick. */
static int empty_root(const struct table *table, size_t slot) {
    char place[128];
    (void)snprintf(place, sizeof place, "%s/slot-%zu", table->run_dir, slot);
    SCOPED_FD root = tmpfs_mount("size=64k,mode=0755", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
    if (root < 0 || mkdirat(root, "new", 0755) || (table->mode == MODE_USERNS && keep_proc(root)) || move_mount(root, "", AT_FDCWD, place, MOVE_MOUNT_F_EMPTY_PATH)) return -1;
    if (chdir(place) || syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH)) return -1;
    return chdir("/");
}

static int settle(const struct table *table, size_t slot, int *cgroup, struct failure *failure) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL)) return failed(failure, STEP_spawn, "parent death signal");
    if (cgroup_enter(table, slot, cgroup, failure)) return -1;
    /* With CAP_SYS_RESOURCE the OOM killer passes us by; without, it still takes programs first (fork_program in init.c). */
    (void)write_file("/proc/self/oom_score_adj", "-1000");
    if (!mode_has_namespaces(table->mode)) return 0;
    int namespaces = CLONE_NEWNS | (left_out(STEP_spawn) ? 0 : CLONE_NEWNET);
    if (unshare(namespaces)) return failed(failure, STEP_spawn, "network namespace");
    if (empty_root(table, slot)) return failed(failure, STEP_spawn, "empty root");
    return 0;
}

/* CLONE_PARENT makes the keeper the parent: it can wait for init, and init dies with it. The exit signal is the forker's own, SIGCHLD. */
static pid_t clone_init(enum jailer_mode mode, int cgroup) {
    struct clone_args arguments = {.flags = CLONE_PARENT};
    if (mode_has_namespaces(mode)) arguments.flags |= CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS;
    if (cgroup >= 0) {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = (unsigned)cgroup;
    }
    pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid >= 0 || errno != ENOSYS || cgroup >= 0) return pid;
    /* Filters of containers hide it from those without CAP_SYS_ADMIN; the older call takes the same flags. */
    return (pid_t)syscall(SYS_clone, (unsigned long)arguments.flags, 0, 0, 0, 0);
}

static void serve_one(const struct table *table, size_t slot, int cgroup) {
    struct spawn_request request;
    struct spawn_reply reply = {.pid = -1};
    struct jail_context jail = {.table = table, .slot = &table->slots[slot], .oom_score = -1};
    size_t count = 0;
    ssize_t received = receive_message(SOCKET_FD, &request, sizeof request, jail.fds, JAIL_FD_COUNT, &count);
    if (received <= 0) _exit(0); /* the keeper is gone */
    if (received == sizeof request && count == jail_fd_count(table->mode) && request.profile < table->profile_count) {
        jail.profile = &table->profiles[request.profile];
        reply.pid = clone_init(table->mode, cgroup);
        if (reply.pid == 0) {
            (void)close(SOCKET_FD);
            close_and_forget(&cgroup);
            init_main(&jail);
        }
    } else {
        errno = EINVAL;
    }
    if (reply.pid < 0) (void)failed(&reply.failure, STEP_spawn, "clone");
    for (size_t i = 0; i < count; i++) (void)close(jail.fds[i]);
    if (send_message(SOCKET_FD, &reply, sizeof reply, NULL, 0)) _exit(1);
}

static _Noreturn void forker_main(const struct table *table, size_t slot, int socket) {
    struct spawn_reply settled = {.pid = 0};
    /* Descriptors of the keeper, the worker's socket among them, must not reach a jail. */
    if (dup2(socket, SOCKET_FD) < 0 || syscall(SYS_close_range, SOCKET_FD + 1, ~0u, 0)) _exit(1);
    (void)prctl(PR_SET_NAME, "bullpen-forker");
    int cgroup = -1;
    if (settle(table, slot, &cgroup, &settled.failure)) settled.pid = -1;
    if (send_message(SOCKET_FD, &settled, sizeof settled, NULL, 0) || settled.pid < 0) _exit(1);
    for (;;) serve_one(table, slot, cgroup);
}

static int await_reply(const struct forker *forker, struct spawn_reply *reply, struct failure *failure) {
    if (receive_message(forker->socket, reply, sizeof *reply, NULL, 0, NULL) != sizeof *reply) return failed(failure, STEP_spawn, "the forker is gone");
    if (reply->pid >= 0) return 0;
    *failure = reply->failure;
    return -1;
}

int forker_start(const struct table *table, size_t slot, struct forker *forker, struct failure *failure) {
    int pair[2];
    struct spawn_reply settled;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) return failed(failure, STEP_spawn, "socketpair");
    forker->pid = fork();
    if (forker->pid < 0) return failed(failure, STEP_spawn, "fork of the forker");
    if (forker->pid == 0) forker_main(table, slot, pair[1]);
    (void)close(pair[1]);
    forker->socket = pair[0];
    forker->fd_count = jail_fd_count(table->mode);
    return await_reply(forker, &settled, failure);
}

int forker_clone(const struct forker *forker, size_t profile, const int fds[JAIL_FD_COUNT], pid_t *init, struct failure *failure) {
    struct spawn_request request = {.profile = (uint32_t)profile};
    struct spawn_reply reply;
    if (send_message(forker->socket, &request, sizeof request, fds, forker->fd_count)) return failed(failure, STEP_spawn, "the forker is gone");
    if (await_reply(forker, &reply, failure)) return -1;
    *init = reply.pid;
    return 0;
}
