/* Standard input of a command: bytes that arrive ahead of it. */
#ifndef BULLPEN_STDIN_H
#define BULLPEN_STDIN_H

#include <stddef.h>
#include <stdint.h>

#include "steps.h"

struct job_stdin {
    int fd; /* -1 while there is nothing */
    uint64_t bytes;
};

int stdin_append(struct job_stdin *input, const unsigned char *data, size_t length, struct failure *failure);
/* Hands the input over as a descriptor at its start (an empty one when there was none), and forgets it; -1 on failure. */
int stdin_take(struct job_stdin *input, struct failure *failure);
void stdin_drop(struct job_stdin *input);

#endif
