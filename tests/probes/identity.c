#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "probe.h"

static long become_root(char **a) { (void)a; return setuid(0); }
static long become_root_group(char **a) { (void)a; return setgid(0); }
static long join_groups(char **a) { gid_t group = 0; (void)a; return setgroups(1, &group); }
static long become(char **a) { return setuid((uid_t)atol(a[0])); }
static long keep_identity(char **a) { (void)a; return setuid(getuid()) || setgid(getgid()) ? -1 : 0; }

static long regain_capabilities(char **a) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct all[2] = {{~0u, ~0u, ~0u}, {~0u, ~0u, ~0u}};
    (void)a;
    return syscall(SYS_capset, &header, all);
}

/* Through when any of the sets, the bounding one aside, holds a capability. */
static long hold_capabilities(char **a) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct held[2];
    (void)a;
    if (syscall(SYS_capget, &header, held)) return -1;
    if (held[0].effective | held[0].permitted | held[0].inheritable | held[1].effective | held[1].permitted) return 1;
    return stopped(EPERM);
}

static long have_bounding_set(char **a) {
    (void)a;
    for (unsigned long capability = 0; capability < 64; capability++)
        if (prctl(PR_CAPBSET_READ, capability) == 1) return 1;
    return stopped(EPERM);
}

static long may_gain_privileges(char **a) { (void)a; return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0 ? 0 : stopped(EPERM); }

static long raise_limit(char **a) {
    struct rlimit limit;
    (void)a;
    if (getrlimit(RLIMIT_NOFILE, &limit)) return -1;
    limit.rlim_max = limit.rlim_cur = limit.rlim_max + 1;
    return setrlimit(RLIMIT_NOFILE, &limit);
}

/* Prints each open descriptor above 2; through when there is one. */
static long inherited_descriptors(char **a) {
    int found = 0;
    (void)a;
    for (int fd = 3; fd < 4096; fd++)
        if (fcntl(fd, F_GETFD) >= 0) found = printf("descriptor %d\n", fd);
    return found ? 0 : stopped(EBADF);
}

static long print_environment(char **a) {
    (void)a;
    for (char **entry = environ; *entry; entry++) (void)puts(*entry);
    return 0;
}

static long print_identity(char **a) {
    uid_t real, effective, saved;
    gid_t group, effective_group, saved_group;
    (void)a;
    if (getresuid(&real, &effective, &saved) || getresgid(&group, &effective_group, &saved_group)) return -1;
    return printf("%u %u %u %u %u %u %d\n", real, effective, saved, group, effective_group, saved_group, getgroups(0, NULL));
}

static long print_host_name(char **a) {
    struct utsname name;
    (void)a;
    return uname(&name) ? -1 : puts(name.nodename);
}

/* Through when the program shares its session, and with it perhaps a terminal, with others. */
static long share_session(char **a) { (void)a; return getsid(0) != getpid() ? 0 : stopped(EPERM); }

/* Through when a signal is blocked or ignored from the start. */
static long inherited_signals(char **a) {
    struct sigaction action;
    sigset_t blocked;
    (void)a;
    if (sigprocmask(SIG_SETMASK, NULL, &blocked)) return -1;
    for (int number = 1; number < 32; number++)
        if (sigismember(&blocked, number) == 1 || (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN)) return number;
    return stopped(ENOENT);
}

const struct probe identity_probes[] = {
    {"setuid-root", 0, become_root}, {"setgid-root", 0, become_root_group}, {"setgroups-root", 0, join_groups}, {"setuid", 1, become},
    {"setuid-self", 0, keep_identity}, {"capset", 0, regain_capabilities}, {"capabilities", 0, hold_capabilities}, {"bounding-set", 0, have_bounding_set},
    {"new-privileges", 0, may_gain_privileges}, {"raise-limit", 0, raise_limit}, {"inherited-descriptors", 0, inherited_descriptors},
    {"environment", 0, print_environment}, {"identity", 0, print_identity}, {"hostname", 0, print_host_name},
    {"share-session", 0, share_session}, {"inherited-signals", 0, inherited_signals}, {0},
};
