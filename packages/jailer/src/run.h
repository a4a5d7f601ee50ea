/* Running one command in an open jail: from the keeper's side. */
#ifndef BULLPEN_RUN_H
#define BULLPEN_RUN_H

#include "connection.h"
#include "jail.h"

/* Why the keeper stopped watching; the numbers travel in EXITED frames. */
enum ended_by { ENDED_ITSELF = 0, ENDED_WALL = 1, ENDED_CPU = 2, ENDED_OUTPUT = 3, ENDED_KILL = 4 };

enum run_answer {
    RUN_DONE,        /* EXITED was sent; the jail can take another command */
    RUN_JAIL_LOST,   /* `failure` says why; the jail must be destroyed */
    RUN_WORKER_LOST, /* nobody is left to report to */
};

/* Runs `command` with `stdin_fd` (which it closes), relays its output and reports its end. */
enum run_answer run_command(struct slot_host *host, struct jail *jail, struct connection *connection, struct init_command *command, int stdin_fd,
                            struct failure *failure);

#endif
