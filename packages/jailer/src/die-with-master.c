#include "die-with-master.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

static pid_t known_master;

void know_master(pid_t master) {
    known_master = master;
}

int die_with_master(void) {
    /* The master itself ends by its leash, in order. */
    if (known_master == 0) return 0;
    return prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != known_master ? -1 : 0;
}
