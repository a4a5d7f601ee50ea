#include "frame.h"

#include <string.h>

static uint16_t get16(const unsigned char *at) {
    return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t get32(const unsigned char *at) {
    return (uint32_t)get16(at) | (uint32_t)get16(at + 2) << 16;
}

static void put16(unsigned char *at, uint16_t value) {
    at[0] = (unsigned char)(value & 0xff);
    at[1] = (unsigned char)(value >> 8);
}

static void put32(unsigned char *at, uint32_t value) {
    put16(at, (uint16_t)(value & 0xffff));
    put16(at + 2, (uint16_t)(value >> 16));
}

int frame_header_parse(const unsigned char bytes[FRAME_HEADER_SIZE], struct frame_header *header) {
    header->length = get32(bytes);
    header->type = get16(bytes + 4);
    if (get16(bytes + 6) != 0 || header->length > FRAME_BODY_MAX) return -1;
    return 0;
}

int field_next(struct field_cursor *cursor, struct field *field) {
    if (cursor->left == 0) return 0;
    if (cursor->left < FIELD_HEADER_SIZE) return -1;
    field->tag = get16(cursor->next);
    field->length = get32(cursor->next + 4);
    if (get16(cursor->next + 2) != 0) return -1;
    cursor->left -= FIELD_HEADER_SIZE;
    cursor->next += FIELD_HEADER_SIZE;
    if (field->length > cursor->left) return -1;
    field->bytes = cursor->next;
    cursor->left -= field->length;
    cursor->next += field->length;
    return 1;
}

int field_u32(const struct field *field, uint32_t *value) {
    if (field->length != 4) return -1;
    *value = get32(field->bytes);
    return 0;
}

int field_u64(const struct field *field, uint64_t *value) {
    if (field->length != 8) return -1;
    *value = (uint64_t)get32(field->bytes) | (uint64_t)get32(field->bytes + 4) << 32;
    return 0;
}

int field_is_string(const struct field *field) {
    return field->length == 0 || memchr(field->bytes, 0, field->length) == NULL ? 0 : -1;
}

void frame_begin(struct frame_writer *writer, unsigned char *bytes, size_t capacity, enum frame_type type) {
    *writer = (struct frame_writer){.bytes = bytes, .capacity = capacity, .length = FRAME_HEADER_SIZE};
    put16(bytes + 4, (uint16_t)type);
    put16(bytes + 6, 0);
}

void frame_bytes(struct frame_writer *writer, enum field_tag tag, const void *bytes, size_t length) {
    size_t room = writer->capacity - writer->length;
    if (room < FIELD_HEADER_SIZE || length > room - FIELD_HEADER_SIZE) {
        writer->overflow = 1;
        return;
    }
    unsigned char *at = writer->bytes + writer->length;
    put16(at, (uint16_t)tag);
    put16(at + 2, 0);
    put32(at + 4, (uint32_t)length);
    if (length > 0) memcpy(at + FIELD_HEADER_SIZE, bytes, length);
    writer->length += FIELD_HEADER_SIZE + length;
}

void frame_string(struct frame_writer *writer, enum field_tag tag, const char *text) {
    frame_bytes(writer, tag, text, strlen(text));
}

void frame_u32(struct frame_writer *writer, enum field_tag tag, uint32_t value) {
    unsigned char bytes[4];
    put32(bytes, value);
    frame_bytes(writer, tag, bytes, sizeof bytes);
}

void frame_u64(struct frame_writer *writer, enum field_tag tag, uint64_t value) {
    unsigned char bytes[8];
    put32(bytes, (uint32_t)(value & 0xffffffff));
    put32(bytes + 4, (uint32_t)(value >> 32));
    frame_bytes(writer, tag, bytes, sizeof bytes);
}

size_t frame_end(struct frame_writer *writer) {
    size_t body = writer->length - FRAME_HEADER_SIZE;
    if (writer->overflow || body > FRAME_BODY_MAX) return 0;
    put32(writer->bytes, (uint32_t)body);
    return writer->length;
}
