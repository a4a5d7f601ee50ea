/* The staging place of a keeper, the read-only view of each profile, and the writable box of each job. */
#ifndef BULLPEN_VIEW_H
#define BULLPEN_VIEW_H

#include "steps.h"
#include "table.h"

/*
 * A keeper's own mounts: a tmpfs below the run directory, in the keeper's private mount namespace, that no jail ever sees.
 * `fd` is its root; everything else is reached relative to it.
 */
struct stage {
    int fd;
    int views[PROFILES_MAX]; /* roots of the views that were built, or -1 */
};

int stage_make(const struct table *table, size_t slot, struct stage *stage, struct failure *failure);

/* Builds the view of a profile when it is first asked for, and returns a new detached copy of it for one jail; -1 on failure. */
int view_copy(struct stage *stage, const struct table *table, size_t profile, struct failure *failure);

#endif
