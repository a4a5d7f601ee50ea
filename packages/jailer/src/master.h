/* The master: one keeper per slot, made again when it dies; everything ends when the worker's leash closes. */
#ifndef BULLPEN_MASTER_H
#define BULLPEN_MASTER_H

#include "table.h"

/* Descriptor 0 is the leash, descriptors from 3 on the slots' sockets. Removes the table and the run directory in the end. Returns the exit status. */
int master_main(const struct table *table, const char *table_path);

#endif
