/* What the keeper looks at from time to time while a command runs, where the kernel does not enforce it. */
#ifndef BULLPEN_LOOKS_H
#define BULLPEN_LOOKS_H

#include "run-state.h"

void start_looks(struct run *run, uint64_t now_us);
/* Each looks when its time has come; 1 when the job has more than its limit. */
int disk_is_exceeded(struct run *run, uint64_t now_us);
int memory_is_exceeded(struct run *run, uint64_t now_us);

#endif
