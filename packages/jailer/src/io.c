#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FDS_MAX = 8 };

void close_and_forget(int *fd) {
    if (*fd >= 0) (void)close(*fd);
    *fd = -1;
}

void close_scoped(const int *fd) {
    if (*fd >= 0) (void)close(*fd);
}

int send_message(int socket, const void *bytes, size_t length, const int *fds, size_t fd_count) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int) * FDS_MAX)];
    } control = {0};
    struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (fd_count > FDS_MAX) {
        errno = EINVAL;
        return -1;
    }
    if (fd_count > 0) {
        message.msg_control = control.room;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
        struct cmsghdr *header = &control.header;
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
        memcpy(CMSG_DATA(header), fds, sizeof(int) * fd_count);
    }
    ssize_t sent;
    const struct timespec pause = {.tv_nsec = 5000000};
    /* Descriptors that a job of our own user left on their way count against us until the kernel has collected them. */
    for (int tries = 0; (sent = sendmsg(socket, &message, MSG_NOSIGNAL)) < 0; tries++) {
        if (errno == ETOOMANYREFS && tries < 400) (void)nanosleep(&pause, NULL);
        else if (errno != EINTR) break;
    }
    return sent == (ssize_t)length ? 0 : -1;
}

ssize_t receive_message(int socket, void *bytes, size_t capacity, int *fds, size_t fd_capacity, size_t *fd_count) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int) * FDS_MAX)];
    } control;
    struct iovec part = {.iov_base = bytes, .iov_len = capacity};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room};
    size_t count = 0;
    ssize_t received;
    do received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (received < 0 && errno == EINTR);
    if (received < 0) return -1;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        size_t here = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < here; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
            if (count < fd_capacity) fds[count++] = fd;
            else (void)close(fd);
        }
    }
    if (fd_count) *fd_count = count;
    if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
        errno = EMSGSIZE;
        return -1;
    }
    return received;
}

int write_all(int fd, const unsigned char *bytes, size_t length) {
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return -1;
        bytes += written;
        length -= (size_t)written;
    }
    return 0;
}

int read_text_at(int fd, char *text, size_t size) {
    ssize_t length = pread(fd, text, size, 0);
    if (length < 0) return -1;
    if ((size_t)length >= size) {
        errno = EFBIG;
        return -1;
    }
    text[length] = '\0';
    return 0;
}

int read_whole(int fd, char *text, size_t size) {
    size_t length = 0;
    for (;;) {
        ssize_t received = read(fd, text + length, size - length);
        if (received < 0 && errno == EINTR) continue;
        if (received < 0) return -1;
        if (received == 0) break;
        length += (size_t)received;
    }
    if (length >= size) {
        errno = EFBIG;
        return -1;
    }
    text[length] = '\0';
    return 0;
}

int write_text_at(int fd, const char *text) {
    size_t length = strlen(text);
    return pwrite(fd, text, length, 0) == (ssize_t)length ? 0 : -1;
}

int write_file(const char *path, const char *text) {
    SCOPED_FD fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    return fd < 0 ? -1 : write_all(fd, (const unsigned char *)text, strlen(text));
}

uint64_t monotonic_us(void) {
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now)) return 0;
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}
