/*
 * The forker: a small process per slot that lives in the slot's cgroup, in an empty network namespace and in an empty mount
 * namespace, and does nothing but clone inits there. Its children start where it stands, so nobody has to be moved: joining a
 * cgroup or making a network namespace costs milliseconds, inheriting them costs nothing. The keeper itself stays outside the
 * cgroup and outlives whatever happens in it.
 */
#ifndef BULLPEN_FORKER_H
#define BULLPEN_FORKER_H

#include "init.h"

struct forker {
    pid_t pid;
    int socket;
    size_t fd_count; /* that travel with a request */
};

/* Starts the forker and waits until it stands where it should. */
int forker_start(const struct table *table, size_t slot, struct forker *forker, struct failure *failure);
/* Clones an init for the profile, as a child of the caller; `fds` are its descriptors in the order of enum jail_fd. */
int forker_clone(const struct forker *forker, size_t profile, const int fds[JAIL_FD_COUNT], pid_t *init, struct failure *failure);

#endif
