#include "settle.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die-with-master.h"
#include "directory-box.h"
#include "io.h"
#include "kill-user.h"

/*
 * Without privileges: a user namespace in which the slot's user is the one that started us. Inside it we may make the other
 * namespaces; outside it nothing has changed.
 */
static int enter_user_namespace(const struct slot *slot) {
    char map[64];
    uid_t uid = geteuid();
    gid_t gid = getegid();
    /* The maps of a process that is not dumpable belong to root; the master, whose flag we inherited, is not. */
    if (prctl(PR_SET_DUMPABLE, 1) || unshare(CLONE_NEWUSER)) return -1;
    (void)snprintf(map, sizeof map, "%u %u 1", slot->uid, uid);
    if (write_file("/proc/self/uid_map", map)) return -1;
    /* The kernel maps a group for an unprivileged process only after setgroups has been given up. */
    if (write_file("/proc/self/setgroups", "deny")) return -1;
    (void)snprintf(map, sizeof map, "%u %u 1", slot->gid, gid);
    if (write_file("/proc/self/gid_map", map)) return -1;
    return prctl(PR_SET_DUMPABLE, 0);
}

/* Mounts of the stage must not appear on the host, nor the host's later ones here. */
static int own_mounts(void) {
    if (unshare(CLONE_NEWNS)) return -1;
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

/* Counting a job's files takes a descriptor for each level of directories. */
static void raise_open_files(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit)) return;
    limit.rlim_cur = limit.rlim_max < 4096 ? limit.rlim_max : 4096;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* What an earlier keeper, or a jailer that was killed, left of the slot's user and of its box. */
static int clear_by_hand(const struct slot_host *host) {
    raise_open_files();
    if (host->table->mode == MODE_CLASSIC && (kill_user(host->slot) || die_with_master())) return -1;
    return directory_box_remove(host->table, host->slot);
}

int settle_keeper(struct slot_host *host, struct failure *failure) {
    (void)prctl(PR_SET_NAME, "bullpen-keeper");
    (void)umask(022);
    if (host->table->mode == MODE_USERNS && enter_user_namespace(host->slot)) return failed(failure, STEP_spawn, "user namespace");
    /* After the user namespace: entering it made the kernel forget. */
    if (die_with_master()) return failed(failure, STEP_spawn, "parent death signal");
    int has_namespaces = mode_has_namespaces(host->table->mode);
    if (has_namespaces && own_mounts()) return failed(failure, STEP_view, "mount namespace");
    /* What a jail's init leaves when it dies before its time becomes ours. */
    if (!has_namespaces && prctl(PR_SET_CHILD_SUBREAPER, 1)) return failed(failure, STEP_spawn, "subreaper");
    if (cgroup_open(host->table, host->number, &host->cgroup, failure)) return -1;
    cgroup_kill(&host->cgroup);
    if (!has_namespaces && clear_by_hand(host)) return failed(failure, STEP_box, host->table->boxes);
    if (prove_empty(host, failure)) return -1;
    if (has_namespaces && stage_make(host->table, host->number, &host->stage, failure)) return -1;
    namespaces_read(host->namespaces);
    return forker_start(host->table, host->number, &host->forker, failure);
}
