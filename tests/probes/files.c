#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

static long read_file(char **a) {
    char byte;
    int fd = open(a[0], O_RDONLY);
    return fd < 0 || read(fd, &byte, 1) < 0 ? -1 : 0;
}

static long write_file(char **a) {
    int fd = open(a[0], O_WRONLY | O_CREAT, 0600);
    return fd < 0 || write(fd, "x", 1) != 1 ? -1 : 0;
}

/* Through when at least one name is there; an empty directory tells nothing. */
static long list_directory(char **a) {
    DIR *directory = opendir(a[0]);
    struct dirent *entry;
    if (!directory) return -1;
    while ((entry = readdir(directory)))
        if (entry->d_name[0] != '.') return 0;
    return stopped(ENOENT);
}

static long make_directory(char **a) { return mkdir(a[0], 0755); }
static long remove_file(char **a) { return unlink(a[0]); }
static long make_device(char **a) { return mknod(a[0], S_IFBLK | 0666, makedev(7, 0)); }
static long make_hardlink(char **a) { return link(a[0], a[1]); }
static long make_symlink(char **a) { return symlink(a[0], a[1]); }
static long rename_file(char **a) { return rename(a[0], a[1]); }
static long truncate_file(char **a) { return truncate(a[0], 0); }
static long change_owner(char **a) { return chown(a[0], 0, 0); }
static long change_mode(char **a) { return chmod(a[0], 04777); }
static long make_setuid(char **a) { return open(a[0], O_WRONLY | O_CREAT | O_EXCL, 06755); }

static long read_through_symlink(char **a) {
    if (symlink(a[0], "probe-link")) return -1;
    return read_file((char *[]){"probe-link", NULL});
}

static long copy_of_self(const char *path) {
    char block[65536];
    ssize_t bytes;
    int self = open("/proc/self/exe", O_RDONLY), copy = open(path, O_WRONLY | O_CREAT | O_EXCL, 0755);
    if (self < 0 || copy < 0) return -1;
    while ((bytes = read(self, block, sizeof block)) > 0)
        if (write(copy, block, (size_t)bytes) != bytes) return -1;
    return close(copy);
}

/* A copy of this program, run from where it was written. */
static long execute_written(char **a) {
    int status;
    if (copy_of_self(a[0])) return -1;
    pid_t child = vfork();
    if (child == 0) {
        (void)execl(a[0], a[0], "exit", "0", NULL);
        _exit(errno);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) return -1;
    return WEXITSTATUS(status) == 0 ? 0 : stopped(WEXITSTATUS(status));
}

const struct probe file_probes[] = {
    {"read", 1, read_file},
    {"write", 1, write_file},
    {"list", 1, list_directory},
    {"mkdir", 1, make_directory},
    {"unlink", 1, remove_file},
    {"mknod-block", 1, make_device},
    {"hardlink", 2, make_hardlink},
    {"symlink", 2, make_symlink},
    {"rename", 2, rename_file},
    {"truncate", 1, truncate_file},
    {"chown-root", 1, change_owner},
    {"chmod-setuid", 1, change_mode},
    {"make-setuid", 1, make_setuid},
    {"read-through-symlink", 1, read_through_symlink},
    {"execute-written", 1, execute_written},
    {0},
};
