/*
 * The keeper: one process per slot, blocking and single-minded. It reads a request, makes a jail, runs commands, answers, destroys
 * the jail, proves the slot empty, and makes the next jail ready while it waits.
 */
#ifndef BULLPEN_KEEPER_H
#define BULLPEN_KEEPER_H

#include "table.h"

/* Serves one slot over `socket` until the worker closes it. Exits non-zero when the slot must be made anew. Never returns. */
_Noreturn void keeper_main(const struct table *table, size_t slot, int socket);

#endif
