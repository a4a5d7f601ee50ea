/* The layers that were measured in a jail, as they are told to the worker and end in the receipt. */
#ifndef BULLPEN_LAYERS_H
#define BULLPEN_LAYERS_H

#include "frame.h"
#include "jail.h"

void add_layers(struct frame_writer *writer, const struct slot_host *host, const struct jail *jail);

#endif
