#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "box-place.h"
#include "io.h"
#include "jail.h"
#include "orphans.h"

enum { TRIES = 500, BETWEEN_TRIES_MS = 4, FILES_IN_MEMORY_MAX = 1 << 20 };

/*
 * The kernel counts the processes and threads of a user over the whole host and refuses one above RLIMIT_NPROC. A process that
 * becomes the slot's user with a limit of two can therefore fork exactly when it is that user's only process.
 * (kill(-1, 0) does not tell: it succeeds although every single process answered EPERM.)
 */
static _Noreturn void fork_as(const struct slot *slot) {
    const struct rlimit two = {.rlim_cur = 2, .rlim_max = 2};
    int status;
    if (setrlimit(RLIMIT_NPROC, &two) || setresgid(slot->gid, slot->gid, slot->gid) || setresuid(slot->uid, slot->uid, slot->uid)) _exit(2);
    pid_t second = fork();
    if (second == 0) _exit(0);
    if (second < 0) _exit(errno == EAGAIN ? 1 : 2);
    _exit(waitpid(second, &status, 0) == second ? 0 : 2);
}

/* 0 when no process of the slot's user runs anywhere on the host, 1 when one does, -1 when the question could not be asked. */
static int user_has_processes(const struct slot *slot) {
    int status;
    pid_t pid = fork();
    if (pid < 0) return -1;
    if (pid == 0) fork_as(slot);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return -1;
    return WIFEXITED(status) && WEXITSTATUS(status) < 2 ? WEXITSTATUS(status) : -1;
}

/* Lines of /proc/key-users start with a UID and a colon. A kernel without keyrings has no such file. */
static int user_has_keys(const struct slot *slot) {
    static char text[1 << 18];
    SCOPED_FD users = open("/proc/key-users", O_RDONLY | O_CLOEXEC);
    if (users < 0) return errno == ENOENT ? 0 : -1;
    if (read_whole(users, text, sizeof text)) return -1;
    for (char *line = text; line && *line; line = strchr(line, '\n')) {
        if (*line == '\n') line++;
        if (strtoull(line, NULL, 10) == slot->uid && *line) return 1;
    }
    return 0;
}

/*
 * A job's files are gone with their mounts, except those it put into sockets that hold each other: the kernel collects these a little
 * later, and until then the next job would pay for them.
 */
static int has_files_in_memory(const struct slot_host *host) {
    uint64_t bytes;
    return cgroup_files_in_memory(&host->cgroup, &bytes) ? -1 : bytes > FILES_IN_MEMORY_MAX;
}

static int has_box(const struct slot_host *host) {
    char path[BOX_PATH_MAX];
    struct stat status;
    box_path(host->table, host->slot, "", path);
    return lstat(path, &status) == 0 || errno != ENOENT;
}

static int look(const struct slot_host *host, struct failure *failure) {
    if (!cgroup_holds_only(&host->cgroup, host->forker.pid)) return failed_with(failure, STEP_prove_empty, EBUSY, "a process in the slot's cgroup");
    if (has_files_in_memory(host)) return failed_with(failure, STEP_prove_empty, EBUSY, "files of the job in memory");
    if (!mode_has_namespaces(host->table->mode) && has_box(host)) return failed_with(failure, STEP_prove_empty, EBUSY, "the job's directories");
    /* An unprivileged jailer shares its own user with the jail; its PID namespace's end, or its init's (end-programs.c), is the proof there. */
    if (!mode_changes_user(host->table->mode)) return 0;
    int processes = user_has_processes(host->slot);
    if (processes) return failed_with(failure, STEP_prove_empty, processes < 0 ? EAGAIN : EBUSY, "a process of the slot's user");
    if (user_has_keys(host->slot)) return failed_with(failure, STEP_prove_empty, EBUSY, "keys of the slot's user");
    return 0;
}

int prove_empty(const struct slot_host *host, struct failure *failure) {
    const struct timespec pause = {.tv_nsec = BETWEEN_TRIES_MS * 1000000L};
    /* It tries for long by itself. */
    if (!mode_has_namespaces(host->table->mode) && end_orphans(&host->forker.pid, host->forker.pid > 0, 0))
        return failed_with(failure, STEP_prove_empty, EBUSY, "a process of the job");
    for (int tries = 0; look(host, failure); tries++) {
        if (tries == TRIES) return -1;
        if (!mode_has_namespaces(host->table->mode)) (void)end_orphans(&host->forker.pid, host->forker.pid > 0, 0);
        (void)nanosleep(&pause, NULL);
    }
    return 0;
}
