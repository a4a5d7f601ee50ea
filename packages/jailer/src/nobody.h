/* Mounts whose files belong to nobody. */
#ifndef BULLPEN_NOBODY_H
#define BULLPEN_NOBODY_H

/*
 * Gives the files of a detached mount to nobody. Their maker is not their owner through it: none of them can be changed, nor any be made beside
 * them, though the mount is not read-only. For a filesystem that was made in our own user namespace; -1 where the kernel cannot, as for
 * a tmpfs before Linux 6.3.
 */
int give_to_nobody(int mount);

#endif
