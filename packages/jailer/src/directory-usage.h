/* What a tree of directories takes on its filesystem. */
#ifndef BULLPEN_DIRECTORY_USAGE_H
#define BULLPEN_DIRECTORY_USAGE_H

#include <stdint.h>

struct directory_usage {
    uint64_t bytes, files;
    int is_hidden; /* some of it could not be counted: more than 512 levels deep, or closed again and again */
};

/*
 * Adds what lies below the directory `name` of `parent` to `usage`, as the user who owns it, and stops above `files_max` names. Follows
 * no link. Programs may be at work there: then it is about right.
 */
void add_directory_usage(int parent, const char *name, uint64_t files_max, struct directory_usage *usage);

#endif
