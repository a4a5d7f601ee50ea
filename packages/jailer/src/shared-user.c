#include "shared-user.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"

/* A directory has two links and one more for each directory in it. */
static uint64_t threads_of(int proc, const char *process) {
    char path[300];
    struct stat status;
    (void)snprintf(path, sizeof path, "%s/task", process);
    return fstatat(proc, path, &status, 0) || status.st_nlink < 3 ? 1 : (uint64_t)status.st_nlink - 2;
}

uint64_t count_tasks(uid_t user) {
    struct stat status;
    uint64_t count = 0;
    DIR *entries = opendir("/proc");
    if (!entries) return 0;
    for (const struct dirent *entry; (entry = readdir(entries));) {
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
        if (fstatat(dirfd(entries), entry->d_name, &status, 0) || status.st_uid != user) continue;
        count += threads_of(dirfd(entries), entry->d_name);
    }
    (void)closedir(entries);
    return count;
}

enum { OPEN_FILES_MIN = 32, WATCHES_MAX = 1000000 };

/* With n descriptors a process can have n/2 instances that watch n/2 files each. */
uint64_t open_files_bound(uint64_t processes) {
    char text[32];
    uint64_t half = 1;
    SCOPED_FD file = open("/proc/sys/fs/epoll/max_user_watches", O_RDONLY | O_CLOEXEC);
    if (file < 0 || read_text_at(file, text, sizeof text)) return OPEN_FILES_MIN;
    uint64_t watches = strtoull(text, NULL, 10) / 2;
    if (watches > WATCHES_MAX) watches = WATCHES_MAX;
    watches /= processes ? processes : 1;
    while ((half + 1) * (half + 1) <= watches) half++;
    return half * 2 < OPEN_FILES_MIN ? OPEN_FILES_MIN : half * 2;
}
