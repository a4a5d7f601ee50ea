#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "table.h"

int table_load(const char *path, struct table *table, char *problem, size_t problem_size) {
    static char text[TABLE_BYTES_MAX + 1];
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || fstat(fd, &status)) {
        (void)snprintf(problem, problem_size, "the table %s cannot be opened: %s", path, strerror(errno));
        return -1;
    }
    if (!S_ISREG(status.st_mode) || status.st_uid != geteuid() || (status.st_mode & 022)) {
        (void)snprintf(problem, problem_size, "the table %s must be a regular file of uid %u that only its owner may write", path, geteuid());
        return -1;
    }
    ssize_t length = read(fd, text, sizeof text);
    (void)close(fd);
    if (length < 0 || length > TABLE_BYTES_MAX || memchr(text, 0, (size_t)length)) {
        (void)snprintf(problem, problem_size, "the table %s is unreadable, has a NUL byte or more than %d bytes", path, TABLE_BYTES_MAX);
        return -1;
    }
    text[length] = '\0';
    return table_parse(text, table, problem, problem_size);
}
