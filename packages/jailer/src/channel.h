/* What master and worker tell each other beside the slots' sockets: lines on descriptors 0 and 1. */
#ifndef BULLPEN_CHANNEL_H
#define BULLPEN_CHANNEL_H

#include <stddef.h>

enum { NONCE_SIZE = 16 };

/* Tells the worker by which nonce the next keeper of a slot can be known. -1 when the worker is gone or does not read. */
int channel_announce(size_t slot, const unsigned char nonce[NONCE_SIZE]);

/* A wish of the worker: keeper number `keeper` (from 0) of the slot must be made anew. */
struct wish {
    size_t slot;
    unsigned keeper;
};
/* After poll said that descriptor 0 can be read. Gives each wish to `grant`; -1 when the worker is gone or says something else. */
int channel_receive(void (*grant)(const struct wish *wish));

#endif
