/* What the kernel counts by user and not by process: without a memory cgroup it must be shared by hand. */
#ifndef BULLPEN_SHARED_USER_H
#define BULLPEN_SHARED_USER_H

#include <stdint.h>
#include <sys/types.h>

/* Processes and threads of a user, as far as /proc shows them; 0 when it cannot be read. */
uint64_t count_tasks(uid_t user);

/*
 * Descriptors for each process of a job of that many, so that all its epoll instances together have at most a million watches, which the
 * kernel frees within the time that a killed job has, and at most half of the user's (fs.epoll.max_user_watches): a worker of the same
 * user that gets none ends itself. A memory cgroup charges for them.
 */
uint64_t open_files_bound(uint64_t processes);

#endif
