#include "empty-directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"

static DIR *open_entries(int directory) {
    int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = copy < 0 ? NULL : fdopendir(copy);
    if (!entries && copy >= 0) (void)close(copy);
    return entries;
}

/* The next name that is neither of the directory itself nor of its parent; NULL at the end. */
static const char *next_name(DIR *entries) {
    for (const struct dirent *entry; (entry = readdir(entries));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) return entry->d_name;
    return NULL;
}

/* 0 when it is gone, 1 when it is a directory that is not empty. */
static int remove_one(int directory, const char *name) {
    if (unlinkat(directory, name, 0) == 0) return 0;
    if (errno != EISDIR && errno != EPERM) return -1;
    if (unlinkat(directory, name, AT_REMOVEDIR) == 0) return 0;
    return errno == ENOTEMPTY || errno == EEXIST ? 1 : -1;
}

/* A directory can be moved when it is writable itself: its entry for its parent changes. */
static int move_up(int from, const char *name, int to) {
    static unsigned long number;
    char fresh[32];
    if (fchmodat(from, name, 0700, 0)) return -1;
    int answer;
    do {
        (void)snprintf(fresh, sizeof fresh, "bullpen-%lu", number++);
        answer = renameat2(from, name, to, fresh, RENAME_NOREPLACE);
    } while (answer && errno == EEXIST);
    return answer;
}

/* Takes the directory `name` apart: files go, directories move up beside it. So a tree of any depth becomes flat. */
static int take_apart(int directory, const char *name) {
    /* It may be one that its owner cannot read. It is no link: only a directory is `not empty`. */
    if (fchmodat(directory, name, 0700, 0)) return -1;
    SCOPED_FD inner = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *entries = inner < 0 ? NULL : open_entries(inner);
    if (!entries) return -1;
    int answer = 0;
    for (const char *entry; answer == 0 && (entry = next_name(entries));) {
        answer = remove_one(inner, entry);
        if (answer == 1) answer = move_up(inner, entry, directory);
    }
    (void)closedir(entries);
    /* A directory that changes while it is read may hide a name: the next round sees it. */
    return answer == 0 && unlinkat(directory, name, AT_REMOVEDIR) && errno != ENOTEMPTY ? -1 : answer;
}

/* One round over the directory; the number of names seen, or -1. */
static long sweep(int directory) {
    DIR *entries = open_entries(directory);
    if (!entries) return -1;
    long seen = 0;
    for (const char *name; (name = next_name(entries)); seen++) {
        int answer = remove_one(directory, name);
        if (answer == 1) answer = take_apart(directory, name);
        if (answer) {
            seen = -1;
            break;
        }
    }
    (void)closedir(entries);
    return seen;
}

int empty_directory(int directory) {
    long seen;
    do seen = sweep(directory);
    while (seen > 0);
    return (int)seen;
}
