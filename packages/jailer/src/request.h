/* Requests of the worker, checked: every bound again, whatever the worker checked before. */
#ifndef BULLPEN_REQUEST_H
#define BULLPEN_REQUEST_H

#include "connection.h"
#include "files.h"
#include "init.h"
#include "table.h"

struct open_request {
    size_t profile;
    uint64_t disk_bytes, disk_files;
};

struct file_request {
    char path[FILE_PATH_MAX + 1];
    uint32_t mode;
    int is_directory;
    const unsigned char *data;
    size_t data_length;
};

struct collect_request {
    char path[FILE_PATH_MAX + 1];
    int path_is_safe; /* a path that leads outside is answered, not punished: users write it */
    uint64_t max_bytes;
};

/* Each returns -1 with a failure of step `request` that names the rule that was broken. */
int request_open(struct field_cursor fields, const struct table *table, struct open_request *request, struct failure *failure);
int request_file(struct field_cursor fields, struct file_request *request, struct failure *failure);
int request_data(struct field_cursor fields, const unsigned char **data, size_t *length, struct failure *failure);
int request_run(struct field_cursor fields, const struct profile *profile, struct init_command *command, struct failure *failure);
int request_collect(struct field_cursor fields, struct collect_request *request, struct failure *failure);

#endif
