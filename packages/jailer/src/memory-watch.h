/* The memory of a jail's processes where no cgroup counts it. */
#ifndef BULLPEN_MEMORY_WATCH_H
#define BULLPEN_MEMORY_WATCH_H

#include "jail.h"

/* Bytes that the jail's processes have in memory now, shared pages once; cheap while they are below `enough`, where it may count them too often. */
uint64_t memory_in_use(const struct slot_host *host, const struct jail *jail, uint64_t enough);

#endif
