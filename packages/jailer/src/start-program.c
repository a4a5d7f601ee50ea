#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "apparmor.h"
#include "box-place.h"
#include "init.h"
#include "io.h"
#include "landlock.h"
#include "one-program.h"
#include "seccomp.h"

/* One command's process on its way to exec. */
struct launch {
    const struct jail_context *jail;
    const struct init_command *command;
    struct program_call call;
    const int *fds;
    int status_fd;
};

enum { STATUS_FD = 3, FIRST_OTHER_FD = 4 };

static int new_session(struct launch *launch) {
    (void)launch;
    return setsid() < 0 ? -1 : 0;
}

/* The command's descriptors and the status pipe lie above 9 (init.c sees to it), so that dup3 never overwrites one still needed. */
static int stdio(struct launch *launch) {
    for (int i = 0; i < COMMAND_FD_COUNT; i++)
        if (dup2(launch->fds[i], i) < 0) return -1;
    if (dup3(launch->status_fd, STATUS_FD, O_CLOEXEC) < 0) return -1;
    launch->status_fd = STATUS_FD;
    return 0;
}

static int close_descriptors(struct launch *launch) {
    (void)launch;
    return (int)syscall(SYS_close_range, FIRST_OTHER_FD, ~0u, 0);
}

/* The mask survives exec: a program would start deaf to what init blocks. (Init reset the dispositions, which survive as well.) */
static int reset_signals(struct launch *launch) {
    (void)launch;
    sigset_t none;
    return sigemptyset(&none) || sigprocmask(SIG_SETMASK, &none, NULL) ? -1 : 0;
}

/* As the slot's user. A command may have taken away what the next one needs to enter: that is no fault of ours, and mended. */
static int work_directory(struct launch *launch) {
    const struct jail_context *jail = launch->jail;
    char path[BOX_PATH_MAX];
    (void)snprintf(path, sizeof path, "%s", jail->profile->work);
    (void)umask(022);
    if (!mode_has_namespaces(jail->table->mode)) box_path(jail->table, jail->slot, "work", path);
    if (chdir(path) == 0) return 0;
    if (errno != EACCES) return -1;
    /* Of its own user a job could close the directory above as well. */
    if (jail->table->mode == MODE_RESTRICTED) (void)!chmod(dirname(strdupa(path)), 0711);
    return chmod(path, 0700) ? -1 : chdir(path);
}

/* Replaces the entry `NAME=place` by one that names a directory of the box. */
static void point_entry(const struct launch *launch, const char *name, const char *place, const char *directory, char text[BOX_PATH_MAX + 8]) {
    char path[BOX_PATH_MAX];
    size_t length = strlen(name);
    for (char **variable = launch->call.environment; *variable; variable++) {
        if (strncmp(*variable, name, length) != 0 || strcmp(*variable + length, place) != 0) continue;
        box_path(launch->jail->table, launch->jail->slot, directory, path);
        (void)snprintf(text, BOX_PATH_MAX + 8, "%s%s", name, path);
        *variable = text;
    }
}

/* Without mounts the box is not where the profile shows the work directory, nor at /tmp. */
static void point_into_box(const struct launch *launch) {
    static char home[BOX_PATH_MAX + 8], temporary[BOX_PATH_MAX + 8];
    point_entry(launch, "HOME=", launch->jail->profile->work, "work", home);
    point_entry(launch, "TMPDIR=", "/tmp", "tmp", temporary);
}

/* Never above what the jailer itself was given: raising a hard limit needs CAP_SYS_RESOURCE, which containers rarely grant. */
static int set_limit(int resource, uint64_t value) {
    struct rlimit limit;
    if (getrlimit((__rlimit_resource_t)resource, &limit)) return -1;
    if (limit.rlim_max > value) limit.rlim_max = value;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit((__rlimit_resource_t)resource, &limit);
}

/*
 * RLIMIT_CORE is 1 byte and not 0: where core_pattern names a helper, the kernel runs it, as the host's root, for every limit but 1
 * (fs/coredump.c). Soft and hard together: the program can never raise them again.
 */
static int limits(struct launch *launch) {
    const uint64_t *asked = launch->command->limits;
    if (set_limit(RLIMIT_CPU, launch->command->rlimit_cpu_seconds)) return -1;
    if (launch->command->rlimit_data && set_limit(RLIMIT_DATA, launch->command->rlimit_data)) return -1;
    if (set_limit(RLIMIT_AS, asked[LIMIT_ADDRESS_SPACE] ? asked[LIMIT_ADDRESS_SPACE] : RLIM_INFINITY)) return -1;
    if (set_limit(RLIMIT_FSIZE, asked[LIMIT_FILE_SIZE]) || set_limit(RLIMIT_NOFILE, asked[LIMIT_OPEN_FILES])) return -1;
    if (set_limit(RLIMIT_STACK, asked[LIMIT_STACK]) || set_limit(RLIMIT_CORE, 1) || set_limit(RLIMIT_MEMLOCK, 65536)) return -1;
    if (set_limit(RLIMIT_MSGQUEUE, 65536) || set_limit(RLIMIT_SIGPENDING, 256) || set_limit(RLIMIT_NICE, 0)) return -1;
    if (set_limit(RLIMIT_RTPRIO, 0)) return -1;
    return set_limit(RLIMIT_NPROC, launch->command->rlimit_processes);
}

static int identity(struct launch *launch) {
    const struct slot *slot = launch->jail->slot;
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {0};
    /* Inside a user namespace of an unprivileged jailer the kernel forbids setgroups altogether. */
    if (setgroups(0, NULL) && mode_changes_user(launch->jail->table->mode)) return -1;
    if (setresgid(slot->gid, slot->gid, slot->gid) || setresuid(slot->uid, slot->uid, slot->uid)) return -1;
    /* Leaving root drops them by itself; a slot's user that is mapped in a user namespace never was root. */
    if (syscall(SYS_capset, &header, none)) return -1;
    /* Without a PID namespace the first process at least ends with init, should init be killed. A change of credentials would undo it. */
    return mode_has_namespaces(launch->jail->table->mode) ? 0 : prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* After the UID changed: the profile grants no capability. */
static int apparmor(struct launch *launch) {
    const struct profile *profile = launch->jail->profile;
    return profile->apparmor ? apparmor_confine(profile) : 0;
}

/*
 * Where the jail's /proc is the host's, a program gets the directory of its own process and no other; its number is not known before. After
 * AppArmor: a profile is entered by a write below /proc.
 */
static int landlock(struct launch *launch) {
    const struct jail_context *jail = launch->jail;
    if (mode_has_namespaces(jail->table->mode)) return 0;
    return landlock_abi() > 0 ? landlock_confine_on_host(jail->table, jail->profile, jail->slot) : 0;
}

static int deny_fork(struct launch *launch) {
    return launch->jail->profile->allow_fork ? 0 : seccomp_deny_fork(launch->jail->profile);
}

/* The last filter, since it knows where the call of execve lies. */
static int one_program(struct launch *launch) {
    return launch->jail->profile->allow_exec ? 0 : one_program_confine(&launch->call);
}

static int verify(struct launch *launch) {
    const struct slot *slot = launch->jail->slot;
    uid_t real, effective, saved;
    gid_t real_group, effective_group, saved_group;
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct held[2] = {0};
    if (left_out(STEP_identity)) return 0;
    if (getresuid(&real, &effective, &saved) || getresgid(&real_group, &effective_group, &saved_group)) return -1;
    if (syscall(SYS_capget, &header, held)) return -1;
    errno = EPERM;
    if (real != slot->uid || effective != slot->uid || saved != slot->uid) return -1;
    if (real_group != slot->gid || effective_group != slot->gid || saved_group != slot->gid) return -1;
    for (int i = 0; i < 2; i++)
        if (held[i].effective || held[i].permitted || held[i].inheritable) return -1;
    if (mode_changes_user(launch->jail->table->mode) && getgroups(0, NULL) != 0) return -1;
    if (!left_out(STEP_seccomp) && prctl(PR_GET_SECCOMP) != 2) return -1;
    if (!left_out(STEP_no_new_privs) && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return -1;
    return 0;
}

static const char *search_path(char **environment) {
    for (; *environment; environment++)
        if (strncmp(*environment, "PATH=", 5) == 0) return *environment + 5;
    return "/usr/bin:/bin";
}

/* A name without a slash is looked for along the command's own PATH, as execvp would, but never handed to a shell. */
static int exec_program(const struct launch *launch) {
    const struct program_call *call = &launch->call;
    const char *name = call->arguments[0];
    int error = ENOENT;
    if (strchr(name, '/') || *name == '\0') {
        errno = ENAMETOOLONG;
        return strlen(name) < PATH_MAX ? execve(strcpy(call->path, name), call->arguments, call->environment) : -1;
    }
    for (const char *directory = search_path(call->environment); *directory;) {
        size_t length = strcspn(directory, ":");
        int size = snprintf(call->path, PATH_MAX, "%.*s/%s", (int)length, directory, name);
        if (size > 0 && size < PATH_MAX) {
            (void)execve(call->path, call->arguments, call->environment);
            if (errno != ENOENT && errno != ENOTDIR) {
                error = errno;
                if (errno != EACCES) break;
            }
        }
        directory += length + (directory[length] == ':');
    }
    errno = error;
    return -1;
}

static _Noreturn void report(const struct launch *launch, enum step step) {
    struct failure failure;
    (void)failed(&failure, step, "the program's process");
    /* A pipe with room for one small message: the write cannot be partial, and if it fails init sees a process that died unasked. */
    (void)!write(launch->status_fd, &failure, sizeof failure);
    _exit(127);
}

void start_program(const struct jail_context *jail, const struct init_command *command, char **arguments, char **environment,
                   const int fds[COMMAND_FD_COUNT], int status_fd) {
    static const struct {
        enum step step;
        int (*take)(struct launch *launch);
    } steps[] = {
        {STEP_new_session, new_session},
        {STEP_stdio, stdio},
        {STEP_close_descriptors, close_descriptors},
        {STEP_reset_signals, reset_signals},
        {STEP_limits, limits},
        {STEP_identity, identity},
        {STEP_work_directory, work_directory},
        {STEP_apparmor, apparmor},
        {STEP_landlock, landlock},
        {STEP_deny_fork, deny_fork},
        {STEP_verify, verify},
        {STEP_one_program, one_program},
    };
    static char path[PATH_MAX];
    struct launch launch = {jail, command, {path, arguments, environment}, fds, status_fd};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (!left_out(steps[i].step) && steps[i].take(&launch)) report(&launch, steps[i].step);
    if (!mode_has_namespaces(jail->table->mode)) point_into_box(&launch);
    (void)exec_program(&launch);
    report(&launch, STEP_exec);
}
