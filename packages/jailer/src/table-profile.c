#include <string.h>

#include "table-parser.h"

static int has_mask(const struct profile *profile, const char *path, int of_listing) {
    for (size_t i = 0; i < profile->mask_count; i++)
        if ((profile->masks[i].kind == MASK_LISTING) == of_listing && strcmp(profile->masks[i].path, path) == 0) return 1;
    return 0;
}

int profile_masks(const struct profile *profile, const char *path) {
    return has_mask(profile, path, 0);
}

int profile_masks_listing(const struct profile *profile, const char *path) {
    return has_mask(profile, path, 1);
}

static int parse_allow(struct parser *parser) {
    struct profile *profile = parser->profile;
    const char *what = parser->words[1];
    if (strcmp(what, "write") == 0) profile->allow_write = 1;
    else if (strcmp(what, "execute-written") == 0) profile->allow_execute_written = 1;
    else if (strcmp(what, "unix-sockets") == 0) profile->allow_unix_sockets = 1;
    else if (strcmp(what, "fork") == 0) profile->allow_fork = 1;
    else if (strcmp(what, "exec") == 0) profile->allow_exec = 1;
    else return table_refuse(parser, "allow takes write, execute-written, unix-sockets, fork or exec");
    return 0;
}

/* The name goes into a command to the kernel: nothing but letters, digits and a few marks. */
static int parse_apparmor(struct parser *parser) {
    const char *name = parser->words[1];
    size_t plain = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
    if (plain == 0 || name[plain] != '\0' || plain > APPARMOR_NAME_MAX) return table_refuse(parser, "an AppArmor name must be 1 to 128 letters, digits, dots, dashes or underscores");
    parser->profile->apparmor = name;
    return 0;
}

static int parse_view(struct parser *parser) {
    struct profile *profile = parser->profile;
    int execute = strcmp(parser->words[1], "execute") == 0;
    if (!execute && strcmp(parser->words[1], "read") != 0) return table_refuse(parser, "view access must be read or execute");
    if (!is_absolute(parser->words[2]) || !is_absolute(parser->words[3])) return table_refuse(parser, "view paths must be absolute, without ..");
    if (strcmp(parser->words[3], "/") == 0) return table_refuse(parser, "a view cannot replace the jail's root");
    if (profile->view_count == VIEWS_MAX) return table_refuse(parser, "more than 96 views in one profile");
    profile->views[profile->view_count++] = (struct view){parser->words[2], parser->words[3], execute};
    return 0;
}

/* In the jail. The places that a jail makes itself would hide it, or be hidden by it. */
static int parse_work(struct parser *parser) {
    static const char *const own[] = {"/tmp", "/dev", "/proc"};
    const char *work = parser->words[1];
    size_t length = strlen(work);
    if (!is_absolute(work) || length > WORK_PATH_MAX || length == 1 || work[length - 1] == '/') return table_refuse(parser, "work must be a short absolute path below the root");
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        size_t size = strlen(own[i]);
        if (strncmp(work, own[i], size) == 0 && (work[size] == '/' || work[size] == '\0')) return table_refuse(parser, "work must not lie in /tmp, /dev or /proc");
    }
    parser->profile->work = work;
    return 0;
}

static int parse_mask(struct parser *parser) {
    static const char *const kinds[] = {[MASK_FILE] = "file", [MASK_DIRECTORY] = "directory", [MASK_LISTING] = "listing"};
    struct profile *profile = parser->profile;
    const char *path = parser->words[2];
    if (!is_absolute(path)) return table_refuse(parser, "a mask must stand at an absolute path, without ..");
    if (profile->mask_count == MASKS_MAX) return table_refuse(parser, "more than 48 masks in one profile");
    for (int kind = MASK_FILE; kind <= MASK_LISTING; kind++)
        if (strcmp(parser->words[1], kinds[kind]) == 0) {
            if (kind != MASK_LISTING && path[1] == '\0') return table_refuse(parser, "of the jail's root nothing but its listing can be masked");
            profile->masks[profile->mask_count++] = (struct mask){path, (enum mask_kind)kind};
            return 0;
        }
    return table_refuse(parser, "a mask is a file, a directory or a listing");
}

static int parse_ceiling(struct parser *parser) {
    for (int i = 0; i < LIMIT_COUNT; i++)
        if (strcmp(parser->words[1], limit_names[i]) == 0) {
            if (parser->ceilings_seen & 1u << i) return table_refuse(parser, "a ceiling is given twice");
            parser->ceilings_seen |= 1u << i;
            /* Half of the range keeps sums and signed conversions (rlim_t, off_t) safe. */
            if (parse_number(parser->words[2], INT64_MAX / 2, &parser->profile->ceilings[i])) return table_refuse(parser, "a ceiling must be a number");
            return 0;
        }
    return table_refuse(parser, "unknown ceiling");
}

int parse_profile_line(struct parser *parser) {
    struct profile *profile = parser->profile;
    const char *keyword = parser->words[0];
    if (strcmp(keyword, "allow") == 0 && parser->word_count == 2) return parse_allow(parser);
    if (strcmp(keyword, "apparmor") == 0 && parser->word_count == 2 && !profile->apparmor) return parse_apparmor(parser);
    if (strcmp(keyword, "work") == 0 && parser->word_count == 2 && !parser->work_seen++) return parse_work(parser);
    if (strcmp(keyword, "view") == 0 && parser->word_count == 4) return parse_view(parser);
    if (strcmp(keyword, "mask") == 0 && parser->word_count == 3) return parse_mask(parser);
    if (strcmp(keyword, "link") == 0 && parser->word_count == 3) {
        if (!is_absolute(parser->words[2])) return table_refuse(parser, "a link must stand at an absolute path");
        if (profile->link_count == LINKS_MAX) return table_refuse(parser, "more than 32 links in one profile");
        profile->links[profile->link_count++] = (struct link){parser->words[1], parser->words[2]};
        return 0;
    }
    if (strcmp(keyword, "ceiling") == 0 && parser->word_count == 3) return parse_ceiling(parser);
    if (strcmp(keyword, "end") == 0 && parser->word_count == 1) {
        if (parser->ceilings_seen != (1u << LIMIT_COUNT) - 1) return table_refuse(parser, "the profile lacks a ceiling");
        parser->profile = NULL;
        return 0;
    }
    return table_refuse(parser, "unknown or malformed line of a profile");
}
