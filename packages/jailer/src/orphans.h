/* Ending processes that lost their parents and became ours, where no PID namespace ends them. */
#ifndef BULLPEN_ORPHANS_H
#define BULLPEN_ORPHANS_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Waits until the caller, a subreaper, has no children but those of `keep`. After `patience_ms` it kills the others, and goes on for
 * 10 s at most; -1 when some are left. Those of `keep` are left for their owner to wait for.
 */
int end_orphans(const pid_t *keep, size_t count, unsigned patience_ms);

#endif
