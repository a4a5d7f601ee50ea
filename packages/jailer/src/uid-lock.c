#include "uid-lock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io.h"

enum { TRIES = 100, BETWEEN_TRIES_MS = 20, NAME_SIZE = 16 };

static int directory = -1;
static int locks[SLOTS_MAX];

static int problem_is(char *problem, size_t size, const char *path, const char *what) {
    (void)snprintf(problem, size, "the directory of UID locks %s %s", path, what);
    return -1;
}

/* Whoever else could write in the directory could remove a lock's file, and the next jailer would lock another one. */
static int open_directory(const char *path, char *problem, size_t size) {
    struct stat status;
    if (mkdir(path, 0700) && errno != EEXIST) return problem_is(problem, size, path, strerror(errno));
    directory = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory < 0 || fstat(directory, &status)) return problem_is(problem, size, path, strerror(errno));
    if (status.st_uid != geteuid() || (status.st_mode & 022)) return problem_is(problem, size, path, "must belong to the jailer's user, and only its owner may write there");
    return 0;
}

/*
 * A descriptor that holds the lock of the file; -1 with errno EWOULDBLOCK when another holds it. A file is removed by the holder of its
 * lock only, which may happen between our open and our lock: then the name no longer leads to what we locked. flock belongs to
 * the open file, so the keepers that inherit it hold it too, and no other descriptor of this process can lose it.
 */
static int lock_file(const char *name, int flags) {
    struct stat ours, named;
    for (;;) {
        int fd = openat(directory, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
        if (fd < 0) return -1;
        if (flock(fd, LOCK_EX | LOCK_NB) || fstat(fd, &ours)) {
            int error = errno;
            (void)close(fd);
            errno = error;
            return -1;
        }
        if (fstatat(directory, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && named.st_ino == ours.st_ino && named.st_dev == ours.st_dev) return fd;
        (void)close(fd);
        if (!(flags & O_CREAT)) return -1;
    }
}

/* What a killed jailer left behind: a file whose lock can be had is nobody's. */
static void remove_stale(void) {
    uint64_t uid;
    int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = copy < 0 ? NULL : fdopendir(copy);
    if (!entries) {
        if (copy >= 0) (void)close(copy);
        return;
    }
    for (const struct dirent *entry; (entry = readdir(entries));) {
        if (parse_number(entry->d_name, INT32_MAX, &uid)) continue;
        SCOPED_FD lock = lock_file(entry->d_name, 0);
        if (lock >= 0) (void)unlinkat(directory, entry->d_name, 0);
    }
    (void)closedir(entries);
}

static void give_back(size_t count) {
    for (size_t slot = 0; slot < count; slot++) (void)close(locks[slot]);
}

/* 0 when it was taken; tries for a while, since a jailer that was killed ends a moment later, and another may be looking for stale files. */
static int take(size_t slot, uid_t uid) {
    const struct timespec pause = {.tv_nsec = BETWEEN_TRIES_MS * 1000000L};
    char name[NAME_SIZE];
    (void)snprintf(name, sizeof name, "%u", uid);
    for (int tries = 0; (locks[slot] = lock_file(name, O_CREAT)) < 0; tries++) {
        if (errno != EWOULDBLOCK || tries == TRIES) return -1;
        (void)nanosleep(&pause, NULL);
    }
    return 0;
}

int uid_locks_take(const struct table *table, char *problem, size_t problem_size) {
    if (!table->uid_locks) return 0;
    if (open_directory(table->uid_locks, problem, problem_size)) return -1;
    remove_stale();
    for (size_t slot = 0; slot < table->slot_count; slot++) {
        uid_t uid = table->slots[slot].uid;
        if (take(slot, uid) == 0) continue;
        int error = errno;
        give_back(slot);
        (void)snprintf(problem, problem_size,
                       error == EWOULDBLOCK ? "UID %u is locked by another worker of this host (%s/%u): give this one other UIDs, or end that one"
                                            : "the lock of UID %u (%s/%u) cannot be taken",
                       uid, table->uid_locks, uid);
        return error == EWOULDBLOCK ? UID_TAKEN : -1;
    }
    return 0;
}

int uid_lock_borrow(uid_t uid) {
    char name[NAME_SIZE];
    (void)snprintf(name, sizeof name, "%u", uid);
    return lock_file(name, O_CREAT);
}

void uid_lock_return(uid_t uid, int lock) {
    char name[NAME_SIZE];
    (void)snprintf(name, sizeof name, "%u", uid);
    (void)unlinkat(directory, name, 0);
    (void)close(lock);
}

void uid_locks_keep_only(const struct table *table, size_t slot) {
    if (!table->uid_locks) return;
    (void)close(directory);
    for (size_t other = 0; other < table->slot_count; other++)
        if (other != slot) (void)close(locks[other]);
}

void uid_locks_remove(const struct table *table) {
    char name[NAME_SIZE];
    if (!table->uid_locks) return;
    for (size_t slot = 0; slot < table->slot_count; slot++) {
        (void)snprintf(name, sizeof name, "%u", table->slots[slot].uid);
        (void)unlinkat(directory, name, 0);
    }
}
