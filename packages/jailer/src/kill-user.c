#include "kill-user.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

/* The highest UID there is; no process has it, so none is hit because it shares our real one. */
static const uid_t nobody_at_all = (uid_t)-2;

/*
 * kill(2) compares the sender's real and effective user with the target's real and saved one. So the effective one becomes the slot's, the
 * real one nobody's, and the saved one stays root's: the slot's processes cannot signal us meanwhile, and giving up the effective root
 * takes CAP_KILL away, with which -1 would mean everybody.
 */
int kill_user(const struct slot *slot) {
    uid_t root = geteuid();
    if (setresuid(nobody_at_all, slot->uid, root)) return -1;
    int answer = kill(-1, SIGKILL);
    int error = errno;
    if (setresuid(root, root, root) || prctl(PR_SET_DUMPABLE, 0)) _exit(1);
    errno = error;
    return answer && error != ESRCH ? -1 : 0;
}
