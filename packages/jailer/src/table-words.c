/* What all lines of the table have in common: numbers, paths, names of limits, and the sentence that refuses one. */
#include <stdio.h>
#include <string.h>

#include "table-parser.h"

const char *const limit_names[LIMIT_COUNT] = {
    "wall-ms",    "cpu-ms", "memory", "address-space", "processes", "file-size",
    "open-files", "stack",  "output", "disk-bytes",    "disk-files",
};

int parse_number(const char *text, uint64_t max, uint64_t *value) {
    uint64_t number = 0;
    if (*text == '\0') return -1;
    for (; *text; text++) {
        if (*text < '0' || *text > '9') return -1;
        uint64_t digit = (uint64_t)(*text - '0');
        if (number > (UINT64_MAX - digit) / 10) return -1;
        number = number * 10 + digit;
    }
    if (number > max) return -1;
    *value = number;
    return 0;
}

int table_refuse(const struct parser *parser, const char *what) {
    (void)snprintf(parser->problem, parser->problem_size, "table line %u: %s", parser->line, what);
    return -1;
}

int is_absolute(const char *path) {
    size_t length = strlen(path);
    if (length >= 3 && strcmp(path + length - 3, "/..") == 0) return 0;
    return path[0] == '/' && strstr(path, "/../") == NULL && strstr(path, "//") == NULL && length < 1024;
}
