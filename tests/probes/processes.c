#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

static pid_t sleeping_child(void) {
    pid_t child = fork();
    if (child == 0) {
        (void)sleep(60);
        _exit(0);
    }
    return child;
}

static long fork_and_wait(char **a) {
    int status;
    (void)a;
    pid_t child = fork();
    if (child == 0) _exit(0);
    return child < 0 ? -1 : waitpid(child, &status, 0);
}

/* In place of this process, which then says how that program's probe went. */
static long execute(char **a) {
    char *const words[] = {a[0], a[1], NULL};
    return execv(a[0], words);
}

static long send_signal(char **a) { return kill((pid_t)atol(a[0]), atoi(a[1])); }

static long signal_child(char **a) {
    int status;
    (void)a;
    pid_t child = sleeping_child();
    if (child < 0 || kill(child, SIGTERM) || waitpid(child, &status, 0) != child) return -1;
    return WIFSIGNALED(status) ? 0 : stopped(EIO);
}

static long trace_child(char **a) {
    (void)a;
    return ptrace(PTRACE_ATTACH, sleeping_child(), NULL, NULL);
}

static long trace(char **a) { return ptrace(PTRACE_ATTACH, (pid_t)atol(a[0]), NULL, NULL); }

static long read_memory_of_child(char **a) {
    static char here[8];
    char there[8];
    struct iovec local = {there, sizeof there}, remote = {here, sizeof here};
    (void)a;
    return process_vm_readv(sleeping_child(), &local, 1, &remote, 1, 0);
}

static long take_descriptor_of_child(char **a) {
    (void)a;
    long fd = syscall(SYS_pidfd_open, sleeping_child(), 0);
    return fd < 0 ? -1 : syscall(SYS_pidfd_getfd, fd, 1, 0);
}

/* Through when /proc shows a process that is neither this one nor its parent. */
static long see_others(char **a) {
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    (void)a;
    if (!proc) return -1;
    while ((entry = readdir(proc)))
        if (isdigit((unsigned char)entry->d_name[0]) && atol(entry->d_name) != getpid() && atol(entry->d_name) != getppid()) return 0;
    return stopped(ENOENT);
}

static long see_self(char **a) {
    char path[64];
    (void)a;
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)getpid());
    return access(path, R_OK);
}

static void *nothing(void *argument) { return argument; }

static long start_thread(char **a) {
    pthread_t thread;
    (void)a;
    int error = pthread_create(&thread, NULL, nothing, NULL);
    return error ? stopped(error) : pthread_join(thread, NULL);
}

/* A grandchild in a session of its own that keeps stdout open and forgets its parent-death signal. */
static long daemon_stays(char **a) {
    if (fork() == 0) {
        (void)setsid();
        (void)prctl(PR_SET_PDEATHSIG, 0);
        (void)signal(SIGTERM, SIG_IGN);
        (void)signal(SIGHUP, SIG_IGN);
        if (fork() == 0) (void)sleep((unsigned)atoi(a[0]));
        _exit(0);
    }
    return 0;
}

static long raise_priority(char **a) { (void)a; return setpriority(PRIO_PROCESS, 0, -5); }
static long lower_priority(char **a) { (void)a; return setpriority(PRIO_PROCESS, 0, 5); }

const struct probe process_probes[] = {
    {"execute", 2, execute},
    {"fork", 0, fork_and_wait},
    {"kill", 2, send_signal},
    {"signal-child", 0, signal_child},
    {"ptrace-child", 0, trace_child},
    {"ptrace", 1, trace},
    {"process-vm-read-child", 0, read_memory_of_child},
    {"pidfd-getfd-child", 0, take_descriptor_of_child},
    {"see-other-processes", 0, see_others},
    {"see-self", 0, see_self},
    {"thread", 0, start_thread},
    {"daemon", 1, daemon_stays},
    {"raise-priority", 0, raise_priority},
    {"lower-priority", 0, lower_priority},
    {0},
};
