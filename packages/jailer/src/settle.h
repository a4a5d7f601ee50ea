/* How a keeper gets to where it can make jails. */
#ifndef BULLPEN_SETTLE_H
#define BULLPEN_SETTLE_H

#include "jail.h"

/* Private mounts, the cgroup, the proof that the slot is empty, the stage and the forker. */
int settle_keeper(struct slot_host *host, struct failure *failure);

#endif
