/* Seccomp filters: which system calls a jail may not make, and what they answer. */
#ifndef BULLPEN_SECCOMP_H
#define BULLPEN_SECCOMP_H

#include "table.h"

/* Installs the jail's filter in the calling process, which must have no_new_privs. -1 with errno. */
int seccomp_confine(enum jailer_mode mode, const struct profile *profile);
/* Adds a filter that refuses every new process; threads stay possible. The last filter refuses every further one. */
int seccomp_deny_fork(const struct profile *profile);
enum { EXEC_ARGUMENTS = 3 };
/* Adds a filter that refuses to start any program, but by a call of execve with these three arguments. The last one. */
int seccomp_allow_exec_of(const uint64_t addresses[EXEC_ARGUMENTS]);
/* True when a filter is active and refuses a network socket. */
int seccomp_is_active(void);

#endif
