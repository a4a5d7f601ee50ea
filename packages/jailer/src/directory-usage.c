#include "directory-usage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"

enum { DEPTH_MAX = 512, BLOCK_BYTES = 512 };

struct walk {
    uint64_t files_max;
    struct directory_usage *usage;
};

static void visit(const struct walk *walk, int parent, const char *name, int depth);

static void add_entry(const struct walk *walk, int parent, const char *name, int depth) {
    struct stat status;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW)) return;
    walk->usage->files++;
    /* A file with several names counts once in all. */
    if (status.st_nlink > 0 && !S_ISDIR(status.st_mode)) walk->usage->bytes += (uint64_t)status.st_blocks * BLOCK_BYTES / (uint64_t)status.st_nlink;
    if (!S_ISDIR(status.st_mode)) return;
    if (depth == DEPTH_MAX) walk->usage->is_hidden = 1;
    else visit(walk, parent, name, depth + 1);
}

static void visit_entries(const struct walk *walk, int directory, int depth) {
    DIR *entries = directory < 0 ? NULL : fdopendir(directory);
    if (!entries) {
        walk->usage->is_hidden = 1;
        if (directory >= 0) (void)close(directory);
        return;
    }
    for (const struct dirent *entry; walk->usage->files <= walk->files_max && (entry = readdir(entries));)
        add_entry(walk, directory, entry->d_name, depth);
    (void)closedir(entries);
}

/* By the descriptor: a program at work may put a link in the place of the name at any moment. */
static int change_mode(int directory, mode_t mode) {
    char path[32];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", directory);
    return chmod(path, mode);
}

/* Its owner may have made the directory unreadable, which is undone for as long as the visit takes. */
static void visit(const struct walk *walk, int parent, const char *name, int depth) {
    struct stat status, now;
    SCOPED_FD directory = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory < 0 || fstat(directory, &status)) {
        /* Gone meanwhile, or behind a directory that was closed meanwhile. */
        if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) walk->usage->is_hidden = 1;
        return;
    }
    int is_closed = (status.st_mode & 0500) != 0500;
    if (is_closed && change_mode(directory, 0700)) walk->usage->is_hidden = 1;
    visit_entries(walk, openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), depth);
    /* Unless the program has changed it itself since. */
    if (is_closed && fstat(directory, &now) == 0 && (now.st_mode & 07777) == 0700) (void)!change_mode(directory, status.st_mode & 07777);
}

void add_directory_usage(int parent, const char *name, uint64_t files_max, struct directory_usage *usage) {
    const struct walk walk = {files_max, usage};
    visit(&walk, parent, name, 0);
}
