/* Who a keeper is when it touches a job's files. */
#ifndef BULLPEN_FILE_USER_H
#define BULLPEN_FILE_USER_H

#include "table.h"

/* The slot's user for file access alone: modes and ownership apply to us as they do to the job, and its files become its own. */
void become_slot(const struct slot *slot);
/* Ourselves again; ends the keeper when that fails. */
void become_keeper(void);

#endif
