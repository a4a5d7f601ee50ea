#include "directory-usage.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 512, BLOCK_BYTES = 512 };

struct walk {
    uint64_t files_max;
    struct directory_usage *usage;
};

static void visit(const struct walk *walk, int parent, const char *name, mode_t mode, int depth);

static void add_entry(const struct walk *walk, int parent, const char *name, int depth) {
    struct stat status;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW)) return;
    walk->usage->files++;
    /* A file with several names counts once in all. */
    if (status.st_nlink > 0 && !S_ISDIR(status.st_mode)) walk->usage->bytes += (uint64_t)status.st_blocks * BLOCK_BYTES / (uint64_t)status.st_nlink;
    if (!S_ISDIR(status.st_mode)) return;
    if (depth == DEPTH_MAX) walk->usage->is_too_deep = 1;
    else visit(walk, parent, name, status.st_mode, depth + 1);
}

static void visit_entries(const struct walk *walk, int directory, int depth) {
    DIR *entries = directory < 0 ? NULL : fdopendir(directory);
    if (!entries) {
        if (directory >= 0) (void)close(directory);
        return;
    }
    for (const struct dirent *entry; walk->usage->files <= walk->files_max && (entry = readdir(entries));)
        add_entry(walk, directory, entry->d_name, depth);
    (void)closedir(entries);
}

/* Its owner may have made the directory unreadable, which is undone for as long as the visit takes. */
static void visit(const struct walk *walk, int parent, const char *name, mode_t mode, int depth) {
    int is_closed = (mode & 0500) != 0500;
    if (is_closed && fchmodat(parent, name, 0700, 0)) return;
    visit_entries(walk, openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), depth);
    if (is_closed) (void)!fchmodat(parent, name, mode & 07777, 0);
}

void add_directory_usage(int parent, const char *name, uint64_t files_max, struct directory_usage *usage) {
    const struct walk walk = {files_max, usage};
    struct stat status;
    if (fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0) visit(&walk, parent, name, status.st_mode, 0);
}
