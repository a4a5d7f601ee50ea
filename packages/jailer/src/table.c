#include "table.h"

#include <string.h>

#include "table-parser.h"

const char *const controller_names[CONTROLLER_COUNT] = {"memory", "pids", "cpuacct", "cpu", "unified"};

const char *const mode_names[] = {"root", "userns", "classic", "restricted"};

enum { MODE_COUNT = sizeof mode_names / sizeof *mode_names, SLOT_ID_MIN = 1 };

static int parse_slot(struct parser *parser) {
    struct table *table = parser->table;
    uint64_t number, uid, gid;
    if (table->slot_count == SLOTS_MAX) return table_refuse(parser, "more than 256 slots");
    if (parse_number(parser->words[1], SLOTS_MAX, &number) || number != table->slot_count)
        return table_refuse(parser, "slot numbers must count from 0");
    if (parse_number(parser->words[2], INT32_MAX, &uid) || parse_number(parser->words[3], INT32_MAX, &gid) || uid < SLOT_ID_MIN ||
        gid < SLOT_ID_MIN)
        return table_refuse(parser, "uid and gid must lie between 1 and 2147483647");
    for (size_t i = 0; i < table->slot_count; i++)
        if (table->slots[i].uid == uid) return table_refuse(parser, "two slots share a uid");
    table->slots[table->slot_count++] = (struct slot){.uid = (uid_t)uid, .gid = (gid_t)gid};
    return 0;
}

static int parse_cgroup(struct parser *parser) {
    for (int i = 0; i < CONTROLLER_COUNT; i++)
        if (strcmp(parser->words[1], controller_names[i]) == 0) {
            if (parser->table->cgroups[i]) return table_refuse(parser, "a cgroup controller is named twice");
            if (!is_absolute(parser->words[2])) return table_refuse(parser, "a cgroup directory must be an absolute path");
            parser->table->cgroups[i] = parser->words[2];
            const char *const *all = parser->table->cgroups;
            int is_mixed = all[CONTROLLER_UNIFIED] && (all[CONTROLLER_MEMORY] || all[CONTROLLER_PIDS] || all[CONTROLLER_CPUACCT] || all[CONTROLLER_CPU]);
            return is_mixed ? table_refuse(parser, "cgroups of both versions are named") : 0;
        }
    return table_refuse(parser, "unknown cgroup controller");
}

static int parse_profile(struct parser *parser) {
    struct table *table = parser->table;
    uint64_t number;
    if (table->profile_count == PROFILES_MAX) return table_refuse(parser, "more than 64 profiles");
    if (parse_number(parser->words[1], PROFILES_MAX, &number) || number != table->profile_count)
        return table_refuse(parser, "profile numbers must count from 0");
    parser->profile = &table->profiles[table->profile_count++];
    *parser->profile = (struct profile){.name = parser->words[2], .work = "/work"};
    parser->ceilings_seen = parser->work_seen = 0;
    return 0;
}

static int parse_mode(struct parser *parser) {
    for (int mode = 0; mode < MODE_COUNT; mode++)
        if (strcmp(parser->words[1], mode_names[mode]) == 0) {
            parser->mode_seen = 1;
            parser->table->mode = (enum jailer_mode)mode;
            return 0;
        }
    return table_refuse(parser, "mode must be root, userns, classic or restricted");
}

/* These become parts of longer paths in buffers of fixed size. */
static int parse_directory(struct parser *parser, const char **directory, const char *complaint) {
    if (!is_absolute(parser->words[1]) || strlen(parser->words[1]) > 96) return table_refuse(parser, complaint);
    *directory = parser->words[1];
    return 0;
}

static int parse_head_line(struct parser *parser) {
    struct table *table = parser->table;
    const char *keyword = parser->words[0];
    if (strcmp(keyword, "run-dir") == 0 && parser->word_count == 2 && !table->run_dir)
        return parse_directory(parser, &table->run_dir, "run-dir must be a short absolute path");
    if (strcmp(keyword, "uid-locks") == 0 && parser->word_count == 2 && !table->uid_locks)
        return parse_directory(parser, &table->uid_locks, "uid-locks must be a short absolute path");
    if (strcmp(keyword, "boxes") == 0 && parser->word_count == 2 && !table->boxes)
        return parse_directory(parser, &table->boxes, "boxes must be a short absolute path");
    if (strcmp(keyword, "cpu-milli") == 0 && parser->word_count == 2 && !table->cpu_milli)
        return parse_number(parser->words[1], 1u << 20, &table->cpu_milli) || table->cpu_milli < 10 ? table_refuse(parser, "cpu-milli must be 10 to 1048576") : 0;
    if (strcmp(keyword, "mode") == 0 && parser->word_count == 2 && !parser->mode_seen) return parse_mode(parser);
    if (strcmp(keyword, "slot") == 0 && parser->word_count == 4) return parse_slot(parser);
    if (strcmp(keyword, "cgroup") == 0 && parser->word_count == 3) return parse_cgroup(parser);
    if (strcmp(keyword, "profile") == 0 && parser->word_count == 3) return parse_profile(parser);
    return table_refuse(parser, "unknown, repeated or malformed line");
}

static int split_words(struct parser *parser, char *line) {
    parser->word_count = 0;
    for (char *word = line;;) {
        if (parser->word_count == WORDS_MAX) return table_refuse(parser, "too many words");
        parser->words[parser->word_count++] = word;
        char *space = strchr(word, ' ');
        if (*word == '\0' || word == space) return table_refuse(parser, "empty line or double space");
        if (!space) return 0;
        *space = '\0';
        word = space + 1;
    }
}

int table_parse(char *text, struct table *table, char *problem, size_t problem_size) {
    struct parser parser = {.table = table, .problem = problem, .problem_size = problem_size};
    memset(table, 0, sizeof *table);
    while (*text) {
        char *line = text;
        char *end = strchr(line, '\n');
        parser.line++;
        if (!end) return table_refuse(&parser, "the last line does not end");
        *end = '\0';
        text = end + 1;
        if (parser.line == 1) {
            if (strcmp(line, "bullpen-table 1") != 0) return table_refuse(&parser, "must be `bullpen-table 1`");
            continue;
        }
        if (split_words(&parser, line)) return -1;
        if (parser.profile ? parse_profile_line(&parser) : parse_head_line(&parser)) return -1;
    }
    if (parser.profile) return table_refuse(&parser, "the last profile lacks its `end`");
    if (!table->run_dir || !parser.mode_seen || table->slot_count == 0 || table->profile_count == 0)
        return table_refuse(&parser, "run-dir, mode, a slot or a profile is missing");
    if (mode_has_namespaces(table->mode) != !table->boxes) return table_refuse(&parser, "boxes is for the modes classic and restricted, and needed there");
    if (table->cpu_milli && !table->cgroups[CONTROLLER_CPU] && !table->cgroups[CONTROLLER_UNIFIED])
        return table_refuse(&parser, "cpu-milli needs a cgroup that enforces it: cpu or unified");
    if (table->mode == MODE_RESTRICTED && table->slot_count != 1) return table_refuse(&parser, "mode restricted has one slot");
    return 0;
}
