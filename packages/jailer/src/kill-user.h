/* Killing by user, where no PID namespace does it. */
#ifndef BULLPEN_KILL_USER_H
#define BULLPEN_KILL_USER_H

#include "table.h"

/*
 * Kills every process of the slot's user, all at the same moment: no process with a pending SIGKILL can fork. The caller, who must be
 * privileged, is spared, but loses what the kernel forgets with any change of credentials: the parent death signal. -1 with errno.
 */
int kill_user(const struct slot *slot);

#endif
