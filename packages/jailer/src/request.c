#include "request.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static int refuse(struct failure *failure, const char *rule) {
    return failed_with(failure, STEP_request, EINVAL, rule);
}

/* A limit must be positive (the address space and what may well be nothing excepted) and below the profile's ceiling. */
static int check_limit(const struct profile *profile, enum limit limit, uint64_t asked, struct failure *failure) {
    uint64_t ceiling = profile->ceilings[limit];
    if (limit == LIMIT_ADDRESS_SPACE) {
        if (asked == 0 ? ceiling != 0 : ceiling != 0 && asked > ceiling) return refuse(failure, "address-space is above the profile's ceiling");
        return 0;
    }
    if (asked == 0 && limit != LIMIT_FILE_SIZE && limit != LIMIT_OUTPUT) return refuse(failure, "a limit is zero");
    if (asked > ceiling) return refuse(failure, limit_names[limit]);
    return 0;
}

static int limit_of_tag(uint16_t tag) {
    return tag >= FIELD_WALL_MS && tag < FIELD_WALL_MS + LIMIT_COUNT ? tag - FIELD_WALL_MS : -1;
}

int request_open(struct field_cursor fields, const struct table *table, struct open_request *request, struct failure *failure) {
    struct field field;
    uint32_t number = UINT32_MAX;
    int next;
    *request = (struct open_request){0};
    while ((next = field_next(&fields, &field)) > 0) {
        int wrong = 1;
        if (field.tag == FIELD_PROFILE) wrong = field_u32(&field, &number);
        else if (field.tag == FIELD_DISK_BYTES) wrong = field_u64(&field, &request->disk_bytes);
        else if (field.tag == FIELD_DISK_FILES) wrong = field_u64(&field, &request->disk_files);
        if (wrong) return refuse(failure, "OPEN has a wrong field");
    }
    if (next < 0) return refuse(failure, "OPEN is malformed");
    if (number >= table->profile_count) return refuse(failure, "OPEN names a profile that is not in the table");
    request->profile = number;
    const struct profile *profile = &table->profiles[number];
    return check_limit(profile, LIMIT_DISK_BYTES, request->disk_bytes, failure) || check_limit(profile, LIMIT_DISK_FILES, request->disk_files, failure) ? -1 : 0;
}

/* Of a file's type a mode may say that it is a directory, and nothing else. */
static int take_mode(struct file_request *request, const struct field *field) {
    if (field_u32(field, &request->mode)) return -1;
    request->is_directory = (request->mode & S_IFMT) == S_IFDIR;
    if (request->is_directory) request->mode &= ~(uint32_t)S_IFMT;
    return request->mode > 0777 ? -1 : 0;
}

int request_file(struct field_cursor fields, struct file_request *request, struct failure *failure) {
    struct field field;
    int next, have_path = 0, have_mode = 0;
    request->data = NULL;
    request->data_length = 0;
    request->is_directory = 0;
    while ((next = field_next(&fields, &field)) > 0) {
        if (field.tag == FIELD_PATH && !have_path) {
            if (file_path(field.bytes, field.length, request->path)) return refuse(failure, "FILE leads outside the work directory or is too long");
            have_path = 1;
        } else if (field.tag == FIELD_MODE && !have_mode) {
            if (take_mode(request, &field)) return refuse(failure, "FILE has a mode above 0777, and not a directory's");
            have_mode = 1;
        } else if (field.tag == FIELD_DATA && !request->data) {
            request->data = field.bytes;
            request->data_length = field.length;
        } else {
            return refuse(failure, "FILE has a wrong field");
        }
    }
    if (next < 0 || !have_path || !have_mode) return refuse(failure, "FILE is malformed");
    return request->is_directory && request->data ? refuse(failure, "FILE has data for a directory") : 0;
}

int request_data(struct field_cursor fields, const unsigned char **data, size_t *length, struct failure *failure) {
    struct field field;
    if (field_next(&fields, &field) != 1 || field.tag != FIELD_DATA || fields.left != 0) return refuse(failure, "a data frame is malformed");
    *data = field.bytes;
    *length = field.length;
    return 0;
}

/* Arguments come before the environment, so both can be laid into the command in one pass. */
static int take_string(struct init_command *command, const struct field *field, struct failure *failure) {
    if (field_is_string(field)) return refuse(failure, "RUN has a NUL in a string");
    if (field->tag == FIELD_ARG && command->environment_count > 0) return refuse(failure, "RUN has an argument after the environment");
    if (command->argument_count + command->environment_count == STRINGS_MAX || command->strings_length + field->length + 1 > sizeof command->strings)
        return refuse(failure, "RUN has too many strings");
    memcpy(command->strings + command->strings_length, field->bytes, field->length);
    command->strings[command->strings_length + field->length] = '\0';
    command->strings_length += field->length + 1;
    if (field->tag == FIELD_ARG) command->argument_count++;
    else command->environment_count++;
    return 0;
}

int request_run(struct field_cursor fields, const struct profile *profile, struct init_command *command, struct failure *failure) {
    struct field field;
    uint32_t seen = 0;
    int next;
    command->kind = COMMAND_RUN;
    command->argument_count = command->environment_count = command->strings_length = 0;
    memset(command->limits, 0, sizeof command->limits);
    while ((next = field_next(&fields, &field)) > 0) {
        int limit = limit_of_tag(field.tag);
        if (field.tag == FIELD_ARG || field.tag == FIELD_ENV) {
            if (take_string(command, &field, failure)) return -1;
        } else if (limit >= 0 && limit < LIMIT_DISK_BYTES && !(seen & 1u << limit)) {
            if (field_u64(&field, &command->limits[limit])) return refuse(failure, "RUN has a limit of a wrong length");
            if (check_limit(profile, (enum limit)limit, command->limits[limit], failure)) return -1;
            seen |= 1u << limit;
        } else {
            return refuse(failure, "RUN has a wrong field");
        }
    }
    if (next < 0 || command->argument_count == 0) return refuse(failure, "RUN is malformed");
    return seen == (1u << LIMIT_DISK_BYTES) - 1 ? 0 : refuse(failure, "RUN lacks a limit");
}

int request_collect(struct field_cursor fields, struct collect_request *request, struct failure *failure) {
    struct field field;
    int next, have_path = 0, have_max = 0;
    while ((next = field_next(&fields, &field)) > 0) {
        if (field.tag == FIELD_PATH && !have_path) {
            if (field_is_string(&field)) return refuse(failure, "COLLECT has a NUL in its path");
            request->path_is_safe = file_path(field.bytes, field.length, request->path) == 0;
            have_path = 1;
        } else if (field.tag == FIELD_MAX_BYTES && !have_max) {
            if (field_u64(&field, &request->max_bytes)) return refuse(failure, "COLLECT has a wrong length");
            have_max = 1;
        } else {
            return refuse(failure, "COLLECT has a wrong field");
        }
    }
    return next < 0 || !have_path || !have_max ? refuse(failure, "COLLECT is malformed") : 0;
}
