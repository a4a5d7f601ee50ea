/* Requests of a hostile worker: the first byte chooses the request, the rest is its body. */
#include <stdlib.h>
#include <string.h>

#include "../src/request.h"
#include "fuzz.h"

static struct table table;
static struct init_command command;

static void fill_table(void) {
    if (table.profile_count > 0) return;
    table.profile_count = 2;
    for (int profile = 0; profile < 2; profile++)
        for (int limit = 0; limit < LIMIT_COUNT; limit++) table.profiles[profile].ceilings[limit] = 1000000;
}

static void add_limits(struct frame_writer *writer) {
    for (int tag = FIELD_WALL_MS; tag <= FIELD_OUTPUT; tag++) frame_u64(writer, (enum field_tag)tag, 100);
}

static void write_seed(unsigned index, struct frame_writer *writer) {
    if (index == 0) {
        frame_u32(writer, FIELD_PROFILE, 1);
        frame_u64(writer, FIELD_DISK_BYTES, 4096);
        frame_u64(writer, FIELD_DISK_FILES, 10);
    } else if (index == 1 || index == 4 || index == 5) {
        frame_string(writer, FIELD_PATH, "a/b/c.txt");
        if (index == 4) frame_u64(writer, FIELD_MAX_BYTES, 10);
        else frame_u32(writer, FIELD_MODE, index == 1 ? 0644 : 0040755);
    } else if (index == 2) {
        frame_string(writer, FIELD_DATA, "some bytes");
    } else {
        frame_string(writer, FIELD_ARG, "python3");
        frame_string(writer, FIELD_ARG, "");
        frame_string(writer, FIELD_ENV, "PATH=/usr/bin");
        add_limits(writer);
    }
}

size_t fuzz_seed(unsigned index, uint8_t *bytes, size_t capacity) {
    unsigned char frame[1024];
    struct frame_writer writer;
    if (index > 5) return 0;
    frame_begin(&writer, frame, sizeof frame, REQUEST_OPEN);
    write_seed(index, &writer);
    size_t body = frame_end(&writer) - FRAME_HEADER_SIZE;
    if (body + 1 > capacity) return 0;
    bytes[0] = (uint8_t)(index == 5 ? 1 : index); /* the second FILE is a directory */
    memcpy(bytes + 1, frame + FRAME_HEADER_SIZE, body);
    return body + 1;
}

static void check_run(struct field_cursor fields, struct failure *failure) {
    if (request_run(fields, &table.profiles[0], &command, failure)) return;
    size_t strings = 0;
    for (size_t i = 0; i < command.strings_length; i++) strings += command.strings[i] == '\0';
    if (strings != (size_t)command.argument_count + command.environment_count) abort();
    for (int limit = 0; limit < LIMIT_DISK_BYTES; limit++)
        if (command.limits[limit] > table.profiles[0].ceilings[limit]) abort();
}

/* A path that was let through stays below the work directory whatever lies there. */
static void check_path(const char *path) {
    if (*path == '/' || *path == '\0' || strcmp(path, "..") == 0 || strncmp(path, "../", 3) == 0 || strstr(path, "/../")) abort();
    size_t length = strlen(path);
    if (length > FILE_PATH_MAX || (length >= 3 && strcmp(path + length - 3, "/..") == 0)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static struct file_request file;
    static struct collect_request collect;
    struct open_request opened;
    struct failure failure;
    const unsigned char *data;
    size_t length;
    if (size == 0) return 0;
    fill_table();
    struct field_cursor fields = {.next = bytes + 1, .left = size - 1};
    switch (bytes[0] % 5) {
        case 0:
            if (request_open(fields, &table, &opened, &failure) == 0 && opened.profile >= table.profile_count) abort();
            break;
        case 1:
            if (request_file(fields, &file, &failure)) break;
            check_path(file.path);
            if (file.mode > 0777 || (file.is_directory && file.data)) abort();
            break;
        case 2: (void)request_data(fields, &data, &length, &failure); break;
        case 3: check_run(fields, &failure); break;
        default:
            if (request_collect(fields, &collect, &failure) == 0 && collect.path_is_safe) check_path(collect.path);
    }
    return 0;
}
