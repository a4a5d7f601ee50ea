#include "namespaces.h"

#include <stdio.h>
#include <sys/stat.h>

const char *const namespace_names[NAMESPACE_COUNT] = {"pid", "mnt", "net", "ipc", "uts", "cgroup"};

void namespaces_read(uint64_t numbers[NAMESPACE_COUNT]) {
    for (int i = 0; i < NAMESPACE_COUNT; i++) {
        char path[40];
        struct stat status;
        (void)snprintf(path, sizeof path, "/proc/self/ns/%s", namespace_names[i]);
        numbers[i] = stat(path, &status) == 0 ? (uint64_t)status.st_ino : 0;
    }
}

int namespaces_differing(const uint64_t ours[NAMESPACE_COUNT], const uint64_t theirs[NAMESPACE_COUNT], char *names, size_t size) {
    int count = 0;
    size_t length = 0;
    names[0] = '\0';
    for (int i = 0; i < NAMESPACE_COUNT; i++) {
        if (theirs[i] == 0 || ours[i] == theirs[i]) continue;
        int added = snprintf(names + length, size - length, "%s%s", count ? "," : "", namespace_names[i]);
        if (added > 0) length += (size_t)added;
        count++;
    }
    return count;
}
