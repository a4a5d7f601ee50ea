/* Where the boxes of a host without mounts stand: on a filesystem of limited size, each slot's own or one that they share. */
#ifndef BULLPEN_BOX_PLACE_H
#define BULLPEN_BOX_PLACE_H

#include "table.h"

enum { BOX_PATH_MAX = 160 };

/* SHARED: with other slots, or with whoever else may write there. OWN: a filesystem is mounted at BOXES, or at BOXES/NUMBER. */
enum place { PLACE_SHARED, PLACE_OWN, PLACE_OWN_BELOW };

/* Master, before any keeper: looks which slots have a place of their own. -1 with one sentence when the place is none for boxes. */
int box_places_find(const struct table *table, char *problem, size_t problem_size);
enum place box_place_of(const struct table *table, const struct slot *slot);

/* Where a slot's box stands, and where a directory of it does when `name` is not empty. */
void box_path(const struct table *table, const struct slot *slot, const char *name, char path[BOX_PATH_MAX]);

#endif
