/* Control files of a slot's cgroup, for the two versions. */
#ifndef BULLPEN_CGROUP_FILES_H
#define BULLPEN_CGROUP_FILES_H

#include "cgroup.h"

/* Opens a file of the slot's directory of a controller; the directory itself for "". -1 with errno. */
int cgroup_open_file(const struct table *table, enum controller controller, size_t slot, const char *file, int flags);
int cgroup_write_number(int fd, uint64_t number);
/* The number after `name ` in a file of `name number` lines, or the file's only number when name is empty. */
int cgroup_read_number(int fd, const char *name, uint64_t *number);

#endif
