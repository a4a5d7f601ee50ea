/*
 * The keeper: one process per slot, blocking and single-minded. It reads a request, makes a jail, runs commands, answers, destroys
 * the jail, proves the slot empty, and makes the next jail ready while it waits.
 */
#ifndef BULLPEN_KEEPER_H
#define BULLPEN_KEEPER_H

#include "channel.h"
#include "table.h"

/*
 * Serves one slot over `socket` until the worker closes it. Exits non-zero when the slot must be made anew. Never returns.
 * `nonce` is NULL for the slot's first keeper; a later one reads on only behind a SYNC that carries its nonce.
 */
_Noreturn void keeper_main(const struct table *table, size_t slot, int socket, const unsigned char *nonce);

#endif
