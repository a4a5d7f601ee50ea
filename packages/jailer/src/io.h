/* Whole reads and writes, messages with descriptors, and time. */
#ifndef BULLPEN_IO_H
#define BULLPEN_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Closes a descriptor when its variable leaves the scope. */
#define SCOPED_FD __attribute__((cleanup(close_scoped))) int
void close_scoped(const int *fd);
/* Closes *fd unless it is -1, and makes it -1. */
void close_and_forget(int *fd);

/* Sends one message of a SOCK_SEQPACKET socket, with descriptors; -1 on failure. */
int send_message(int socket, const void *bytes, size_t length, const int *fds, size_t fd_count);
/* Receives one message and at most fd_capacity descriptors (close-on-exec). Returns its length, 0 at the end, -1 on failure. */
ssize_t receive_message(int socket, void *bytes, size_t capacity, int *fds, size_t fd_capacity, size_t *fd_count);

/* Writes all bytes, however many writes that takes. */
int write_all(int fd, const unsigned char *bytes, size_t length);

/* Reads a small file (of /proc or a cgroup) whole, from its start, as text; -1 on failure or when it does not fit. */
int read_text_at(int fd, char *text, size_t size);
/* The same for a file that the kernel hands out in pages, however many reads that takes. */
int read_whole(int fd, char *text, size_t size);
/* Writes a whole small file in one write. */
int write_text_at(int fd, const char *text);
int write_file(const char *path, const char *text);

uint64_t monotonic_us(void);

#endif
