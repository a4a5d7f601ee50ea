/* Ending every process of a jail, from its init. */
#ifndef BULLPEN_END_PROGRAMS_H
#define BULLPEN_END_PROGRAMS_H

#include "init.h"

/* Kills every process of the jail but init, all at one moment. */
void kill_programs(const struct jail_context *jail);
/* What init does before it ends by itself: without a PID namespace its end would be nobody else's. */
void end_programs(const struct jail_context *jail);
/* Tries, while no program lives yet, that killing reaches nobody outside the jail; -1 with errno. */
int try_killing(const struct jail_context *jail);

#endif
