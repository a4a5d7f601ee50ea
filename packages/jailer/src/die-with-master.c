#include "die-with-master.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

static pid_t known_master;

void know_master(pid_t master) {
    known_master = master;
}

int die_with_master(void) {
    return prctl(PR_SET_PDEATHSIG, SIGKILL) || (known_master != 0 && getppid() != known_master) ? -1 : 0;
}
