#include "end-programs.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kill-user.h"
#include "landlock.h"

/*
 * -1 means, from PID 1, every other process of its namespace; in a Landlock domain that scopes signals, every other process of the domain
 * (mode restricted); and otherwise all that the user may signal. The kernel lets no fork slip through: it fails with a signal pending.
 */
void kill_programs(const struct jail_context *jail) {
    if (jail->table->mode == MODE_CLASSIC) (void)kill_user(jail->slot);
    else (void)kill(-1, SIGKILL);
}

void end_programs(const struct jail_context *jail) {
    if (mode_has_namespaces(jail->table->mode)) return;
    kill_programs(jail);
    while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR) {}
}

int try_killing(const struct jail_context *jail) {
    if (jail->table->mode == MODE_CLASSIC) return kill_user(jail->slot);
    if (jail->table->mode != MODE_RESTRICTED) return 0;
    /* The keeper has our user: only the domain stands between us. */
    if (kill(getppid(), 0) == 0) errno = EPERM;
    else if (errno == EPERM) return 0;
    return -1;
}
