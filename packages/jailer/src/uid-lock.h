/* One lock per slot UID of this host, so that two jailers never give the same user to their slots. */
#ifndef BULLPEN_UID_LOCK_H
#define BULLPEN_UID_LOCK_H

#include <stddef.h>

#include "table.h"

/*
 * Takes the locks of all slots, or of none. Waits a moment for a jailer that is just ending. 0, UID_TAKEN when another jailer holds
 * one, -1 for any other failure; `problem` then has one sentence.
 */
enum { UID_TAKEN = 1 };
int uid_locks_take(const struct table *table, char *problem, size_t problem_size);

/* A keeper keeps its own slot's lock alone: the UID stays locked until the last process of the slot that could start a program is gone. */
void uid_locks_keep_only(const struct table *table, size_t slot);

/* Removes the files of our locks, which the end of this process then releases. Only when no keeper is left. */
void uid_locks_remove(const struct table *table);

/* Takes the lock of a UID that no slot of the table has, for a moment; a descriptor, or -1 when somebody holds it. */
int uid_lock_borrow(uid_t uid);
void uid_lock_return(uid_t uid, int lock);

#endif
