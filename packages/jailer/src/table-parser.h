/* Where the parser of the table stands. Shared by table.c, table-profile.c and table-words.c alone. */
#ifndef BULLPEN_TABLE_PARSER_H
#define BULLPEN_TABLE_PARSER_H

#include "table.h"

enum { WORDS_MAX = 5 };

struct parser {
    struct table *table;
    struct profile *profile; /* open until its `end` */
    uint32_t ceilings_seen;
    unsigned work_seen;
    char *words[WORDS_MAX];
    size_t word_count;
    unsigned line;
    int mode_seen;
    char *problem;
    size_t problem_size;
};

/* Writes the sentence that names the line; always -1. */
int table_refuse(const struct parser *parser, const char *what);

int is_absolute(const char *path);

/* A line between `profile` and `end`. */
int parse_profile_line(struct parser *parser);

#endif
