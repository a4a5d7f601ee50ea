/*
 * Theory of operation.
 *
 * A worker starts this program once, as root, and then gives up its own privileges. The program stays: a master, per slot a keeper,
 * per keeper a forker, and per jail an init that is PID 1 of the jail.
 *
 *   worker ==leash (fd 0)== master ──fork──> keeper ──fork──> forker ──clone──> init ──fork──> program
 *      \=======slot socket (fd 3 + slot)=======/ \==========jail socket=============/
 *
 * The master (master.c) only watches: a keeper that dies is replaced, and when the leash closes everything ends. The keeper
 * (keeper.c) reads requests (frame.c, request.c) from the slot's socket, builds what a jail needs (view.c, box.c), has the forker
 * (forker.c) clone an init that already stands in the slot's cgroup and network namespace, and relays a command's output (run.c).
 * Init (init.c) enters the jail (enter-jail.c: the ordered list of confining steps) and starts programs (start-program.c: the
 * ordered list between fork and exec). Destroying a jail is killing its init; nothing walks or deletes what a job wrote.
 *
 * Keeper, forker and init are root on the host (or hold capabilities of a user namespace only, in mode userns) and never
 * execute or parse anything of a job. The program has the slot's UID, no capability, and nothing of theirs. Each dies with the
 * one to its left. Which UIDs, paths and rights exist is decided by the table (table.c), never by a request.
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "landlock.h"
#include "master.h"
#include "steps.h"
#include "table.h"
#include "version.h"

static const char usage[] = "usage: bullpen-jailer --table FILE | --check FILE | --features | --version\n";

static struct table table;

static int load(const char *path) {
    char problem[256];
    if (table_load(path, &table, problem, sizeof problem) == 0) return 0;
    (void)fprintf(stderr, "bullpen-jailer: %s\n", problem);
    return -1;
}

static int has_file(const char *path) {
    return access(path, F_OK) == 0;
}

/* Tried for real: sysctls, AppArmor, seccomp filters of containers and limits may all forbid it. */
static int can_make_user_namespaces(void) {
    int status;
    pid_t pid = fork();
    if (pid < 0) return 0;
    if (pid == 0) _exit(unshare(CLONE_NEWUSER) || unshare(CLONE_NEWNS | CLONE_NEWNET) ? 1 : 0);
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int print_features(void) {
    struct utsname name;
    if (uname(&name)) return 1;
    (void)printf("kernel=%s\nlandlock=%d\nseccomp=%d\napparmor=%d\n", name.release, landlock_abi(), has_file("/proc/sys/kernel/seccomp"),
                 has_file("/proc/self/attr/apparmor/current"));
    (void)printf("cgroup_v2=%d\nuser_namespaces=%d\nroot=%d\n", has_file("/sys/fs/cgroup/cgroup.controllers"), can_make_user_namespaces(), geteuid() == 0);
    return fflush(stdout) ? 1 : 0;
}

int main(int argc, char **argv) {
    const char *table_path = NULL;
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--version") == 0) return printf("bullpen-jailer %s\n", BULLPEN_VERSION) < 0;
        if (strcmp(argv[i], "--features") == 0) return print_features();
        if (strcmp(argv[i], "--check") == 0 && value) return load(value) ? 2 : 0;
        if (strcmp(argv[i], "--table") == 0 && value) table_path = argv[++i];
#ifdef BULLPEN_SABOTAGE
        else if (strcmp(argv[i], "--leave-out") == 0 && value && leave_out(value) == 0) i++;
#endif
        else {
            (void)fputs(usage, stderr);
            return 2;
        }
    }
    if (!table_path) {
        (void)fputs(usage, stderr);
        return 2;
    }
    return load(table_path) ? 2 : master_main(&table, table_path);
}
