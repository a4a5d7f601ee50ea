/* Seccomp filters: which system calls a jail may not make, and what they answer. */
#ifndef BULLPEN_SECCOMP_H
#define BULLPEN_SECCOMP_H

#include "table.h"

/* Installs the jail's filter in the calling process, which must have no_new_privs. -1 with errno. */
int seccomp_confine(enum jailer_mode mode, const struct profile *profile);
/* Adds a filter that refuses every new process (threads stay possible) and, like the first one otherwise, every further filter. */
int seccomp_deny_fork(void);
/* True when a filter is active and refuses a network socket. */
int seccomp_is_active(void);

#endif
