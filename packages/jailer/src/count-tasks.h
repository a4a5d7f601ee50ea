/* Processes and threads of a user, as far as /proc shows them. */
#ifndef BULLPEN_COUNT_TASKS_H
#define BULLPEN_COUNT_TASKS_H

#include <stdint.h>
#include <sys/types.h>

/* 0 when /proc cannot be read. */
uint64_t count_tasks(uid_t user);

#endif
