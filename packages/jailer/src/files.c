#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "file-user.h"
#include "io.h"

/* A job's links lead nowhere: no symbolic link is followed, no mount crossed, and nothing above the work directory reached. */
static int open_beneath(int work, const char *path, int flags, unsigned mode) {
    struct open_how how = {
        /* With O_PATH the kernel refuses every flag that has no meaning there. */
        .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC | O_NOFOLLOW | (flags & O_PATH ? 0 : O_NOCTTY)),
        .mode = mode,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
    };
    return (int)syscall(SYS_openat2, work, path, &how, sizeof how);
}

int file_path(const unsigned char *bytes, size_t length, char path[FILE_PATH_MAX + 1]) {
    if (length == 0 || length > FILE_PATH_MAX || memchr(bytes, 0, length)) return -1;
    memcpy(path, bytes, length);
    path[length] = '\0';
    for (const char *segment = path;;) {
        size_t size = strcspn(segment, "/");
        if (size == 0 || size > 255 || (size <= 2 && strspn(segment, ".") >= size)) return -1;
        if (segment[size] == '\0') return 0;
        segment += size + 1;
    }
}

static int make_folders(int work, const char *path) {
    char folder[FILE_PATH_MAX + 1];
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        size_t length = (size_t)(slash - path);
        memcpy(folder, path, length);
        folder[length] = '\0';
        SCOPED_FD there = open_beneath(work, folder, O_PATH | O_DIRECTORY, 0);
        if (there >= 0) continue;
        if (errno != ENOENT) return -1;
        char *name = strrchr(folder, '/');
        if (name) *name++ = '\0';
        SCOPED_FD parent = name ? open_beneath(work, folder, O_PATH | O_DIRECTORY, 0) : dup(work);
        if (parent < 0 || mkdirat(parent, name ? name : folder, 0755)) return -1;
    }
    return 0;
}

int file_create(int work, const struct slot *slot, const char *path, unsigned mode, struct failure *failure) {
    int fd = -1;
    become_slot(slot);
    if (make_folders(work, path) == 0) fd = open_beneath(work, path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd >= 0 && fchmod(fd, mode)) close_and_forget(&fd);
    int error = errno;
    become_keeper();
    return fd < 0 ? failed_with(failure, STEP_write_file, error, "a file of the job") : fd;
}

int directory_create(int work, const struct slot *slot, const char *path, unsigned mode, struct failure *failure) {
    char inside[FILE_PATH_MAX + 2];
    (void)snprintf(inside, sizeof inside, "%s/", path);
    become_slot(slot);
    int fd = make_folders(work, inside) ? -1 : open_beneath(work, path, O_RDONLY | O_DIRECTORY, 0);
    int answer = fd < 0 ? -1 : fchmod(fd, mode);
    int error = errno;
    become_keeper();
    if (fd >= 0) (void)close(fd);
    return answer ? failed_with(failure, STEP_write_file, error, "a directory of the job") : 0;
}

static enum refusal refusal_of(int error) {
    switch (error) {
        case ENOENT:
        case ENOTDIR: return REFUSAL_MISSING;
        case ELOOP: return REFUSAL_NOT_REGULAR; /* a symbolic link, at the end or on the way */
        case EXDEV: return REFUSAL_OUTSIDE;
        case EISDIR:
        case ENXIO: return REFUSAL_NOT_REGULAR;
        default: return REFUSAL_UNREADABLE;
    }
}

enum refusal file_open(int work, const struct slot *slot, const char *path, uint64_t max_bytes, struct found_file *found) {
    struct stat status;
    become_slot(slot);
    /* O_NONBLOCK: opening a FIFO without a writer returns at once, and is then refused for what it is. */
    int fd = open_beneath(work, path, O_RDONLY | O_NONBLOCK, 0);
    int error = errno;
    become_keeper();
    if (fd < 0) return refusal_of(error);
    enum refusal refusal = REFUSAL_NONE;
    if (fstat(fd, &status)) refusal = REFUSAL_UNREADABLE;
    else if (!S_ISREG(status.st_mode)) refusal = REFUSAL_NOT_REGULAR;
    else if (status.st_nlink != 1) refusal = REFUSAL_OTHER_LINKS;
    else if (status.st_size < 0 || (uint64_t)status.st_size > max_bytes) refusal = REFUSAL_TOO_LARGE;
    if (refusal != REFUSAL_NONE) {
        (void)close(fd);
        return refusal;
    }
    *found = (struct found_file){.fd = fd, .mode = status.st_mode & 0777, .size = (uint64_t)status.st_size};
    return REFUSAL_NONE;
}
