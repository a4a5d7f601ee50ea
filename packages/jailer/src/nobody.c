#include "nobody.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io.h"

/* A process in a user namespace of its own, until `leash` has no other end. */
static pid_t start_elsewhere(int leash, int other_end) {
    struct clone_args arguments = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
    char byte;
    /* The maps of a process that is not dumpable belong to root. It inherits ours. */
    if (prctl(PR_SET_DUMPABLE, 1)) return -1;
    pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) {
        (void)close(other_end);
        _exit(read(leash, &byte, 1) != 0);
    }
    return prctl(PR_SET_DUMPABLE, 0) ? -1 : pid;
}

static int write_map(pid_t pid, const char *name, unsigned number) {
    char path[40], map[40];
    (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    (void)snprintf(map, sizeof map, "0 %u 1", number);
    return write_file(path, map);
}

/* Slots have no number 0, so the one that this namespace knows is nobody's who made a file here. */
static int open_namespace(pid_t pid) {
    char path[40];
    if (write_map(pid, "uid_map", geteuid()) || write_map(pid, "gid_map", getegid())) return -1;
    (void)snprintf(path, sizeof path, "/proc/%d/ns/user", (int)pid);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static int make_namespace(void) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC)) return -1;
    pid_t pid = start_elsewhere(ends[0], ends[1]);
    int namespace = pid < 0 ? -1 : open_namespace(pid);
    (void)close(ends[0]);
    (void)close(ends[1]);
    if (pid > 0) (void)waitpid(pid, NULL, 0);
    return namespace;
}

int give_to_nobody(int mount) {
    struct stat status;
    SCOPED_FD namespace = make_namespace();
    if (namespace < 0) return -1;
    struct mount_attr others = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (unsigned)namespace};
    if (mount_setattr(mount, "", AT_EMPTY_PATH, &others, sizeof others) || fstat(mount, &status)) return -1;
    return status.st_uid == geteuid() || status.st_gid == getegid() ? -1 : 0;
}
