/*
 * The box: everything that one job can write. One tmpfs, so that one size and one number of files bound the work directory,
 * /tmp and /dev/shm together, and so that all of it vanishes with its mount; where nothing can be mounted, directories
 * (directory-box.c).
 */
#ifndef BULLPEN_BOX_H
#define BULLPEN_BOX_H

#include <stdint.h>

#include "steps.h"
#include "table.h"
#include "view.h"

enum box_directory { BOX_WORK, BOX_TMP, BOX_SHM, BOX_DIRECTORIES };

struct box {
    int configuration; /* for resizing */
    int root;          /* the mount on the keeper's stage */
    int work;          /* the work directory, for writing and collecting files */
    int trees[BOX_DIRECTORIES]; /* detached copies for the jail's own mounts; closed once it has them */
    /* Of a box of directories only. */
    int is_directory, was_starved, is_exceeded;
    const struct table *table;
    const struct slot *slot;
    uint64_t bytes_before, files_before, bytes_seen, files_seen, bytes_max, files_max;
};

struct box_usage {
    uint64_t bytes, files;
    int full;
};

void box_init(struct box *box);
/* Makes an empty tmpfs box for a profile's jail. */
int box_make(const struct stage *stage, const struct profile *profile, const struct slot *slot, struct box *box, struct failure *failure);
int box_resize(struct box *box, uint64_t bytes, uint64_t files, struct failure *failure);
int box_measure(const struct box *box, struct box_usage *usage, struct failure *failure);
void box_close_trees(struct box *box);
/* Frees a tmpfs with its files. A box of directories is removed by directory_box_remove, once its job's processes are proven gone. */
void box_destroy(struct box *box);

#endif
