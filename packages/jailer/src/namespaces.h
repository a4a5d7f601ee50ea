/* Which namespaces a process lives in, for the keeper to compare a jail's with its own. */
#ifndef BULLPEN_NAMESPACES_H
#define BULLPEN_NAMESPACES_H

#include <stddef.h>
#include <stdint.h>

enum { NAMESPACE_COUNT = 6 };
extern const char *const namespace_names[NAMESPACE_COUNT];

/* The kernel's numbers of the calling process's namespaces; 0 for one that cannot be read. */
void namespaces_read(uint64_t numbers[NAMESPACE_COUNT]);
/* Writes the names of those that differ, separated by commas; returns how many. */
int namespaces_differing(const uint64_t ours[NAMESPACE_COUNT], const uint64_t theirs[NAMESPACE_COUNT], char *names, size_t size);

#endif
