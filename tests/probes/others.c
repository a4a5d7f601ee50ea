#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "probe.h"

/* Attempts on processes and objects of others, named by what a job can guess or count through. */

static pid_t pid(const char *text) { return (pid_t)atol(text); }

static long queue_signal(char **a) { return sigqueue(pid(a[0]), atoi(a[1]), (union sigval){0}); }
static long signal_thread(char **a) { return syscall(SYS_tgkill, pid(a[0]), pid(a[0]), atoi(a[1])); }
static long signal_parent(char **a) { return kill(getppid(), atoi(a[0])); }

static long signal_by_descriptor(char **a) {
    long fd = syscall(SYS_pidfd_open, pid(a[0]), 0);
    return fd < 0 ? -1 : syscall(SYS_pidfd_send_signal, fd, atoi(a[1]), NULL, 0);
}

/* Has the kernel send SIGKILL when bytes arrive; only the victim can tell whether it did. */
static long signal_by_socket(char **a) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) || fcntl(pair[0], F_SETOWN, pid(a[0])) || fcntl(pair[0], F_SETSIG, SIGKILL)) return -1;
    if (fcntl(pair[0], F_SETFL, O_ASYNC) || write(pair[1], "x", 1) != 1) return -1;
    return usleep(50000);
}

static long read_memory(char **a) {
    char here[8];
    struct iovec local = {here, sizeof here}, remote = {here, sizeof here};
    return process_vm_readv(pid(a[0]), &local, 1, &remote, 1, 0);
}

static long limit(char **a) {
    const struct rlimit none = {0, 0};
    return prlimit(pid(a[0]), RLIMIT_NOFILE, &none, NULL);
}

static long slow_down(char **a) { return setpriority(PRIO_PROCESS, (id_t)pid(a[0]), 19); }
static long slow_down_user(char **a) { (void)a; return setpriority(PRIO_USER, 0, 19); }

static long bind_to_one_core(char **a) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(0, &cores);
    return sched_setaffinity(pid(a[0]), sizeof cores, &cores);
}

static long make_idle(char **a) {
    const struct sched_param parameter = {0};
    return sched_setscheduler(pid(a[0]), SCHED_IDLE, &parameter);
}

/* The idle class of the process `who`. */
static long starve_of_disk(char **a) { return syscall(SYS_ioprio_set, 1, pid(a[0]), 3 << 13); }

static long read_link(char **a) {
    char text[256];
    return readlink(a[0], text, sizeof text);
}

static long change_mode(char **a) { return chmod(a[0], (mode_t)strtol(a[1], NULL, 8)); }
static long change_group(char **a) { return chown(a[0], (uid_t)-1, getgid()); }
static long change_times(char **a) { return utimensat(AT_FDCWD, a[0], NULL, 0); }
static long set_attribute(char **a) { return setxattr(a[0], "user.probe", "x", 1, 0); }
static long look_at(char **a) { struct stat status; return stat(a[0], &status); }

/* By identifiers, as `ipcs` shows them: no key is needed. */
static long attach_shared_memory(char **a) { return shmat(atoi(a[0]), NULL, 0) == (void *)-1 ? -1 : 0; }
static long remove_shared_memory(char **a) { return shmctl(atoi(a[0]), IPC_RMID, NULL); }

static long send_message(char **a) {
    const struct { long type; char text[1]; } message = {1, "x"};
    return msgsnd(atoi(a[0]), &message, 1, IPC_NOWAIT);
}

static long raise_semaphore(char **a) {
    struct sembuf up = {.sem_op = 1};
    return semop(atoi(a[0]), &up, 1);
}

const struct probe other_probes[] = {
    {"queue-signal", 2, queue_signal}, {"signal-thread", 2, signal_thread}, {"signal-parent", 1, signal_parent},
    {"signal-by-descriptor", 2, signal_by_descriptor}, {"signal-by-socket", 1, signal_by_socket}, {"process-vm-read", 1, read_memory},
    {"limit", 1, limit}, {"slow-down", 1, slow_down}, {"slow-down-user", 0, slow_down_user}, {"bind-to-one-core", 1, bind_to_one_core},
    {"make-idle", 1, make_idle}, {"starve-of-disk", 1, starve_of_disk}, {"readlink", 1, read_link}, {"chmod", 2, change_mode},
    {"chgrp", 1, change_group}, {"touch", 1, change_times}, {"set-attribute", 1, set_attribute}, {"stat", 1, look_at},
    {"shm-attach", 1, attach_shared_memory}, {"shm-remove", 1, remove_shared_memory}, {"msg-send", 1, send_message},
    {"sem-raise", 1, raise_semaphore}, {0},
};
