/* What a filter refuses besides, where no namespaces and mounts keep the host's objects away. */
#ifndef BULLPEN_SECCOMP_HOST_H
#define BULLPEN_SECCOMP_HOST_H

#include "filter.h"
#include "table.h"

/* Adds the pieces for a mode without namespaces; `family` is the one of sockets that pairs may have. */
void seccomp_refuse_host(struct program *program, enum jailer_mode mode, unsigned family);

#endif
