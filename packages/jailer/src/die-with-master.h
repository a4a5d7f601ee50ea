/* A keeper never outlives its master. */
#ifndef BULLPEN_DIE_WITH_MASTER_H
#define BULLPEN_DIE_WITH_MASTER_H

#include <sys/types.h>

/* Remembers who the master is. To be called once, before die_with_master. */
void know_master(pid_t master);
/* Has the kernel kill this process when its parent ends; -1 when the parent is not the master any more. Nothing in the master itself. */
int die_with_master(void);

#endif
