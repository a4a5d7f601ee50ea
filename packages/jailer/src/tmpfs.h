/* Detached tmpfs mounts. */
#ifndef BULLPEN_TMPFS_H
#define BULLPEN_TMPFS_H

#include <stdint.h>

/* A detached tmpfs mount with comma-separated `key=value` options; -1 with errno. */
int tmpfs_mount(const char *options, uint64_t attributes);
/* The same, keeping the filesystem's configuration descriptor for tmpfs_resize. */
int tmpfs_mount_keep(const char *options, uint64_t attributes, int *configuration);
/* Changes the size (bytes) and the number of inodes of a tmpfs that is in use. */
int tmpfs_resize(int configuration, uint64_t bytes, uint64_t inodes);

/* Detaches the mount whose root `fd` is, wherever it is mounted in this namespace. */
void unmount(int fd);

#endif
