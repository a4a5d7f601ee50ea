#include "kill-user.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Slots' UIDs end far below, and so do PIDs: of all processes that kill(-1) could reach, none has this UID, not even one that does the same. */
static uid_t own_and_nobody_elses(void) {
    return 0xf0000000u | (uid_t)getpid();
}

/*
 * kill(2) compares the sender's real and effective user with the target's real and saved one. So the effective one becomes the slot's, the
 * real one ours alone, and the saved one stays root's: the slot's processes cannot signal us meanwhile, and giving up the effective root
 * takes CAP_KILL away, with which -1 would mean everybody.
 */
int kill_user(const struct slot *slot) {
    uid_t root = geteuid();
    if (setresuid(own_and_nobody_elses(), slot->uid, root)) return -1;
    int answer = kill(-1, SIGKILL);
    int error = errno;
    if (setresuid(root, root, root) || prctl(PR_SET_DUMPABLE, 0)) _exit(1);
    errno = error;
    return answer && error != ESRCH ? -1 : 0;
}
