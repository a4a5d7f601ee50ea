#include "tmpfs.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "io.h"

static int configure(int fs, const char *options) {
    char text[128];
    (void)snprintf(text, sizeof text, "%s", options);
    char *rest = text;
    for (char *option = strsep(&rest, ","); option; option = strsep(&rest, ",")) {
        char *value = strchr(option, '=');
        if (!value) return -1;
        *value++ = '\0';
        if (fsconfig(fs, FSCONFIG_SET_STRING, option, value, 0)) return -1;
    }
    return 0;
}

int tmpfs_mount_keep(const char *options, uint64_t attributes, int *configuration) {
    int fs = fsopen("tmpfs", FSOPEN_CLOEXEC);
    if (fs < 0) return -1;
    int mount = -1;
    if (configure(fs, options) == 0 && fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
        mount = fsmount(fs, FSMOUNT_CLOEXEC, (unsigned)attributes);
    if (mount < 0 || !configuration) (void)close(fs);
    else *configuration = fs;
    return mount;
}

int tmpfs_mount(const char *options, uint64_t attributes) {
    return tmpfs_mount_keep(options, attributes, NULL);
}

int tmpfs_resize(int configuration, uint64_t bytes, uint64_t inodes) {
    char options[80];
    (void)snprintf(options, sizeof options, "size=%" PRIu64 ",nr_inodes=%" PRIu64, bytes, inodes);
    if (configure(configuration, options)) return -1;
    return fsconfig(configuration, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0);
}

void unmount(int fd) {
    char path[40];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    (void)umount2(path, MNT_DETACH);
}
