/* What jailers that were killed left behind. */
#ifndef BULLPEN_STALE_BOXES_H
#define BULLPEN_STALE_BOXES_H

#include "table.h"

/* Master, once it has its locks: removes the boxes of UIDs that nobody has locked. */
void stale_boxes_remove(const struct table *table);

#endif
