/* Files of the work directory: written before a command runs, read after it. No process of the job lives at either time. */
#ifndef BULLPEN_FILES_H
#define BULLPEN_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "steps.h"
#include "table.h"

enum { FILE_PATH_MAX = 1024 };

/* Relative, without empty, `.` or `..` segments, at most FILE_PATH_MAX bytes; copies it as a C string. */
int file_path(const unsigned char *bytes, size_t length, char path[FILE_PATH_MAX + 1]);

/* Makes a new file and its folders as the slot's user; a descriptor for writing, or -1. */
int file_create(int work, const struct slot *slot, const char *path, unsigned mode, struct failure *failure);

/* Makes a directory and those above it as the slot's user, which may all be there already; 0, or -1. */
int directory_create(int work, const struct slot *slot, const char *path, unsigned mode, struct failure *failure);

/* Why a file is not handed out; the numbers travel in REFUSED frames. */
enum refusal {
    REFUSAL_NONE = 0,
    REFUSAL_MISSING = 1,
    REFUSAL_NOT_REGULAR = 2,
    REFUSAL_OTHER_LINKS = 3,
    REFUSAL_OUTSIDE = 4,
    REFUSAL_TOO_LARGE = 5,
    REFUSAL_UNREADABLE = 6,
};

struct found_file {
    int fd;
    unsigned mode;
    uint64_t size;
};

/* Opens a file that a job left behind, as the slot's user and by rules that no trick of the job can turn against us. */
enum refusal file_open(int work, const struct slot *slot, const char *path, uint64_t max_bytes, struct found_file *found);

#endif
