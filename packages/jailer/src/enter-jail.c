#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apparmor.h"
#include "end-programs.h"
#include "init.h"
#include "io.h"
#include "landlock.h"
#include "seccomp.h"

/* The keeper is our parent (CLONE_PARENT in forker.c): when it dies, so do we, and with PID 1 every process of the jail. */
static int die_with_keeper(struct jail_context *jail) {
    if (mode_has_namespaces(jail->table->mode)) return prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* Our end alone would end nothing: we stay until every process of the jail, each at last our child, has been killed (end-programs.c). */
    return prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* Its root is our own cgroup, so that the jail sees nothing of the host's. Not at the clone: there it would be the forker's. */
static int cgroup_namespace(struct jail_context *jail) {
    (void)jail;
    return unshare(CLONE_NEWCGROUP);
}

/* The forker left us in a namespace that holds nothing but an empty root with the folder /new. */
static int attach_view(struct jail_context *jail) {
    return move_mount(jail->fds[JAIL_FD_VIEW], "", AT_FDCWD, "/new", MOVE_MOUNT_F_EMPTY_PATH);
}

static int attach_directory(const struct jail_context *jail, enum jail_fd which, const char *place) {
    char path[sizeof "/new" + WORK_PATH_MAX];
    if (profile_masks(jail->profile, place)) return 0;
    (void)snprintf(path, sizeof path, "/new%s", place);
    return move_mount(jail->fds[which], "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
}

static int attach_box(struct jail_context *jail) {
    if (attach_directory(jail, JAIL_FD_WORK, jail->profile->work) || attach_directory(jail, JAIL_FD_TMP, "/tmp")) return -1;
    return attach_directory(jail, JAIL_FD_SHM, "/dev/shm");
}

/* hidepid=2 hides init from the program; subset=pid leaves out /proc/sys and all other files that are not a process's own. */
static int mount_proc(struct jail_context *jail) {
    (void)jail;
    const char *options = left_out(STEP_mount_proc) ? NULL : "hidepid=2,subset=pid";
    return mount("proc", "/new/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, options);
}

/* pivot_root wants the new root to be a mount, which the view is. "." twice stacks the old root on the new one and needs no folder for it. */
static int pivot(struct jail_context *jail) {
    (void)jail;
    if (chdir("/new") || syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH)) return -1;
    return chdir("/");
}

static int hostname(struct jail_context *jail) {
    (void)jail;
    return sethostname("jail", 4);
}

/*
 * The OOM killer must take the program and not us, so that a job that exceeds its memory is reported and not lost (init.c, around
 * fork). A process that is not dumpable cannot be traced or read through /proc.
 */
static int protect_init(struct jail_context *jail) {
    /* The files of a process that is not dumpable belong to root, which a user namespace's init is not. Nobody else lives here yet. */
    if (prctl(PR_SET_DUMPABLE, 1)) return -1;
    jail->oom_score = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
    if (jail->oom_score < 0 || read_text_at(jail->oom_score, jail->oom_score_before, sizeof jail->oom_score_before)) return -1;
    return prctl(PR_SET_DUMPABLE, 0);
}

/*
 * The last look below /proc of a jail that masks it; what stays is the view's closed directory. Not where programs enter an AppArmor profile,
 * which is a write below /proc: the profile itself then keeps it closed.
 */
static int close_proc(struct jail_context *jail) {
    namespaces_read(jail->namespaces);
    if (!mode_has_namespaces(jail->table->mode) || !profile_masks(jail->profile, "/proc")) return 0;
    if (jail->profile->apparmor || left_out(STEP_close_proc)) return 0;
    return umount2("/proc", MNT_DETACH);
}

/* Needs CAP_SETPCAP, which hosts of the poorer modes do not give: there no_new_privs alone keeps the bounding set useless. */
static int drop_bounding(struct jail_context *jail) {
    for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; capability++)
        if (prctl(PR_CAPBSET_DROP, capability) && (errno != EPERM || mode_has_namespaces(jail->table->mode))) return -1;
    errno = 0;
    return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

static int no_new_privs(struct jail_context *jail) {
    (void)jail;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/*
 * After the last open for writing below /proc and before the filter that refuses nothing of Landlock's own. Without mounts each program is
 * confined by itself (start-program.c), inside a domain of the jail that keeps signals in.
 */
static int landlock(struct jail_context *jail) {
    if (mode_has_namespaces(jail->table->mode)) return landlock_abi() > 0 ? landlock_confine(jail->profile) : 0;
    return landlock_abi() >= LANDLOCK_ABI_SCOPE ? landlock_scope() : 0;
}

/* Last: it refuses the mounts and the host name above. */
static int seccomp(struct jail_context *jail) {
    return seccomp_confine(jail->table->mode, jail->profile);
}

/* In a process of its own, as a program will be. */
static int try_landlock_on_host(const struct jail_context *jail) {
    int status;
    pid_t pid = fork();
    if (pid < 0) return -1;
    if (pid == 0) _exit(landlock_confine_on_host(jail->table, jail->profile, jail->slot) || !landlock_is_active());
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return -1;
    errno = EPERM;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static int measure_landlock(const struct jail_context *jail) {
    if (left_out(STEP_landlock) || landlock_abi() == 0) return 0;
    if (!mode_has_namespaces(jail->table->mode)) return try_landlock_on_host(jail);
    errno = EPERM;
    return landlock_is_active() ? 0 : -1;
}

static int measure(struct jail_context *jail) {
    if (jail->profile->apparmor && !left_out(STEP_apparmor) && apparmor_try(jail->profile, jail->slot)) return -1;
    if (try_killing(jail) || measure_landlock(jail)) return -1;
    errno = EPERM;
    if (!left_out(STEP_no_new_privs) && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return -1;
    return left_out(STEP_seccomp) || seccomp_is_active() ? 0 : -1;
}

enum { SABOTAGE_ALLOWED = 1, WITH_NAMESPACES = 2 };

/* What is inherited is set once for all commands of the jail, while the slot is idle. */
int enter_jail(struct jail_context *jail, struct failure *failure) {
    static const struct {
        enum step step;
        int (*take)(struct jail_context *jail);
        int flags; /* a test build may leave a step out, unless the jail cannot exist without it */
    } steps[] = {
        {STEP_die_with_keeper, die_with_keeper, 0},
        {STEP_cgroup_namespace, cgroup_namespace, WITH_NAMESPACES},
        {STEP_attach_view, attach_view, WITH_NAMESPACES},
        {STEP_attach_box, attach_box, WITH_NAMESPACES},
        {STEP_mount_proc, mount_proc, WITH_NAMESPACES},
        {STEP_pivot, pivot, WITH_NAMESPACES},
        {STEP_hostname, hostname, WITH_NAMESPACES | SABOTAGE_ALLOWED},
        {STEP_protect_init, protect_init, 0},
        {STEP_close_proc, close_proc, 0},
        {STEP_drop_bounding, drop_bounding, SABOTAGE_ALLOWED},
        {STEP_no_new_privs, no_new_privs, SABOTAGE_ALLOWED},
        {STEP_landlock, landlock, SABOTAGE_ALLOWED},
        {STEP_seccomp, seccomp, SABOTAGE_ALLOWED},
        {STEP_measure, measure, 0},
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (steps[i].flags & WITH_NAMESPACES && !mode_has_namespaces(jail->table->mode)) continue;
        if (steps[i].flags & SABOTAGE_ALLOWED && left_out(steps[i].step)) continue;
        if (steps[i].take(jail)) return failed(failure, steps[i].step, jail->profile->name);
    }
    return 0;
}
