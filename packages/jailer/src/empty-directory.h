/* Removing what a job left in a directory, whatever that is. */
#ifndef BULLPEN_EMPTY_DIRECTORY_H
#define BULLPEN_EMPTY_DIRECTORY_H

/*
 * Removes everything below `directory`, as the user who owns it all; no process of that user may live. Follows no link, and needs two
 * descriptors however deep the tree is. -1 with errno.
 */
int empty_directory(int directory);

#endif
