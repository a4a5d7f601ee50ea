#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe.h"

static char block[65536];

static long write_bytes(int fd, unsigned long long bytes) {
    memset(block, 'x', sizeof block);
    while (bytes > 0) {
        ssize_t written = write(fd, block, bytes < sizeof block ? (size_t)bytes : sizeof block);
        if (written < 0) return -1;
        bytes -= (unsigned long long)written;
    }
    return 0;
}

static unsigned long long number(const char *text) { return strtoull(text, NULL, 10); }

/* Exits without the closing line of other probes, so that the bytes can be counted. */
static long flood_stdout(char **a) { _exit(write_bytes(1, number(a[0])) ? 1 : 0); }
static long flood_stderr(char **a) { _exit(write_bytes(2, number(a[0])) ? 1 : 0); }

static long fill_file(char **a) {
    int fd = open(a[0], O_WRONLY | O_CREAT | O_TRUNC, 0644);
    return fd < 0 ? -1 : write_bytes(fd, number(a[1]));
}

/* Stays until it is ended, when it could write all. */
static long fill_and_stay(char **a) { return fill_file(a) ? -1 : (long)sleep(5); }

static long sparse_file(char **a) {
    int fd = open(a[0], O_WRONLY | O_CREAT, 0644);
    return fd < 0 ? -1 : ftruncate(fd, (off_t)number(a[1]));
}

static long many_files(char **a) {
    char name[64];
    for (int i = 0; i < atoi(a[1]); i++) {
        (void)snprintf(name, sizeof name, "%s/file-%d", a[0], i);
        int fd = open(name, O_WRONLY | O_CREAT, 0644);
        if (fd < 0 || close(fd)) return -1;
    }
    return 0;
}

static long many_files_and_stay(char **a) { return many_files(a) ? -1 : (long)sleep(5); }

static long deep_directories(char **a) {
    for (int i = 0; i < atoi(a[0]); i++)
        if (mkdir("d", 0755) || chdir("d")) return -1;
    return 0;
}

static long fifo(char **a) { return mkfifo(a[0], 0666); }
static long hide(char **a) { return chmod(a[0], 0); }

/* Swaps a file and a symbolic link to `target` under one name until it is killed. */
static long swap_for_ever(char **a) {
    if (symlink(a[1], "swap-link")) return -1;
    int fd = open(a[0], O_WRONLY | O_CREAT, 0644);
    if (fd < 0 || write(fd, "mine", 4) != 4 || close(fd)) return -1;
    for (;;)
        if (renameat2(AT_FDCWD, "swap-link", AT_FDCWD, a[0], RENAME_EXCHANGE)) return -1;
}

static long echo(char **a) {
    ssize_t bytes;
    (void)a;
    while ((bytes = read(0, block, sizeof block)) > 0)
        if (write(1, block, (size_t)bytes) != bytes) return -1;
    _exit(bytes < 0);
}

static long count_input(char **a) {
    unsigned long long all = 0;
    ssize_t bytes;
    (void)a;
    while ((bytes = read(0, block, sizeof block)) > 0) all += (unsigned long long)bytes;
    return bytes < 0 ? -1 : printf("%llu bytes\n", all);
}

static long raw_bytes(char **a) {
    (void)a;
    _exit(write(1, "\xff\xfe\x00\x80", 4) != 4);
}

const struct probe output_probes[] = {
    {"flood-stdout", 1, flood_stdout}, {"flood-stderr", 1, flood_stderr}, {"fill-file", 2, fill_file}, {"fill-and-stay", 2, fill_and_stay}, {"sparse-file", 2, sparse_file},
    {"many-files", 2, many_files}, {"many-files-and-stay", 2, many_files_and_stay}, {"deep-directories", 1, deep_directories}, {"fifo", 1, fifo}, {"hide", 1, hide},
    {"swap-for-ever", 2, swap_for_ever}, {"echo", 0, echo}, {"count-input", 0, count_input}, {"raw-bytes", 0, raw_bytes}, {0},
};
