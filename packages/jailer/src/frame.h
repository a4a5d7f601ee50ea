/* The frames between worker and keeper; docs/jailer.md is their description. */
#ifndef BULLPEN_FRAME_H
#define BULLPEN_FRAME_H

#include <stddef.h>
#include <stdint.h>

enum { FRAME_HEADER_SIZE = 8, FRAME_BODY_MAX = 131072, FIELD_HEADER_SIZE = 8 };

enum frame_type {
    REQUEST_OPEN = 1,
    REQUEST_FILE = 2,
    REQUEST_FILE_DATA = 3,
    REQUEST_STDIN = 4,
    REQUEST_RUN = 5,
    REQUEST_KILL = 6,
    REQUEST_COLLECT = 7,
    REQUEST_CLOSE = 8,
    REQUEST_SYNC = 9,
    REPLY_HELLO = 65,
    REPLY_OPENED = 66,
    REPLY_STDOUT = 67,
    REPLY_STDERR = 68,
    REPLY_EXITED = 69,
    REPLY_FOUND = 70,
    REPLY_CONTENT = 71,
    REPLY_CONTENT_END = 72,
    REPLY_REFUSED = 73,
    REPLY_CLOSED = 74,
    REPLY_ERROR = 75,
};

enum field_tag {
    FIELD_PROFILE = 1,
    FIELD_PATH = 2,
    FIELD_MODE = 3,
    FIELD_DATA = 4,
    FIELD_ARG = 5,
    FIELD_ENV = 6,
    FIELD_MAX_BYTES = 7,
    FIELD_WALL_MS = 16,
    FIELD_CPU_MS = 17,
    FIELD_MEMORY = 18,
    FIELD_ADDRESS_SPACE = 19,
    FIELD_PROCESSES = 20,
    FIELD_FILE_SIZE = 21,
    FIELD_OPEN_FILES = 22,
    FIELD_STACK = 23,
    FIELD_OUTPUT = 24,
    FIELD_DISK_BYTES = 25,
    FIELD_DISK_FILES = 26,
    FIELD_ENDED_BY = 32,
    FIELD_EXIT_CODE = 33,
    FIELD_SIGNAL = 34,
    FIELD_START_ERRNO = 35,
    FIELD_WALL_US = 36,
    FIELD_USER_US = 37,
    FIELD_SYSTEM_US = 38,
    FIELD_PEAK_MEMORY = 39,
    FIELD_OOM_KILLS = 40,
    FIELD_PROCESSES_REFUSED = 41,
    FIELD_DISK_BYTES_USED = 42,
    FIELD_DISK_FILES_USED = 43,
    FIELD_DISK_FULL = 44,
    FIELD_STDOUT_SEEN = 45,
    FIELD_STDERR_SEEN = 46,
    FIELD_STEP = 48,
    FIELD_ERRNO = 49,
    FIELD_DETAIL = 50,
    FIELD_LAYER = 51,
    FIELD_REASON = 52,
    FIELD_SIZE = 53,
    FIELD_VERSION = 54,
    FIELD_SLOT = 55,
    FIELD_UID = 56,
    FIELD_NONCE = 57,
};

/* One field of a body; `bytes` points into the body that was parsed. */
struct field {
    uint16_t tag;
    uint32_t length;
    const unsigned char *bytes;
};

/* Walks a body field by field. Returns 1 with a field, 0 at the end, -1 when the body breaks a rule. */
struct field_cursor {
    const unsigned char *next;
    size_t left;
};
int field_next(struct field_cursor *cursor, struct field *field);

/* Typed views of a field; -1 when the length (or a NUL in a string) is wrong. */
int field_u32(const struct field *field, uint32_t *value);
int field_u64(const struct field *field, uint64_t *value);
int field_is_string(const struct field *field);

struct frame_header {
    uint32_t length;
    uint16_t type;
};
/* -1 when the reserved bytes are not zero or the length is above FRAME_BODY_MAX. */
int frame_header_parse(const unsigned char bytes[FRAME_HEADER_SIZE], struct frame_header *header);

/* Builds one frame in a caller's buffer; `overflow` is set instead of writing past the end. */
struct frame_writer {
    unsigned char *bytes;
    size_t capacity;
    size_t length;
    int overflow;
};
void frame_begin(struct frame_writer *writer, unsigned char *bytes, size_t capacity, enum frame_type type);
void frame_bytes(struct frame_writer *writer, enum field_tag tag, const void *bytes, size_t length);
void frame_string(struct frame_writer *writer, enum field_tag tag, const char *text);
void frame_u32(struct frame_writer *writer, enum field_tag tag, uint32_t value);
void frame_u64(struct frame_writer *writer, enum field_tag tag, uint64_t value);
/* Fills in the header; returns the frame's whole length, 0 after an overflow. */
size_t frame_end(struct frame_writer *writer);

#endif
