/*
 * The box of a host without mounts: two directories on a filesystem of limited size, a slot's own or one that the slots share. What a tmpfs of the job's
 * own gives by itself is done here by hand: the directories are measured while a command runs, and emptied after the job.
 */
#ifndef BULLPEN_DIRECTORY_BOX_H
#define BULLPEN_DIRECTORY_BOX_H

#include "box-place.h"
#include "box.h"

int directory_box_make(const struct table *table, const struct slot *slot, struct box *box, struct failure *failure);
/* Notes what the place holds before the job does anything. */
int directory_box_open(struct box *box, uint64_t bytes, uint64_t files, struct failure *failure);
int directory_box_measure(const struct box *box, struct box_usage *usage, struct failure *failure);
/*
 * Looks whether the job takes more of the place than it may: quick, unless the place has grown by that much since the job began. Notes
 * in the box that it does, or that the place was full while the job had not had its share.
 */
int directory_box_is_exceeded(struct box *box);
/* Removes a slot's box with all in it; no process of the slot's user may live. -1 with errno. */
int directory_box_remove(const struct table *table, const struct slot *slot);

/* The same for a box at any path. */
int directory_box_remove_at(const char *path, const struct slot *slot);

#endif
