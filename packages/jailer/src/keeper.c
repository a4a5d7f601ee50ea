#include "keeper.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "connection.h"
#include "files.h"
#include "io.h"
#include "jail.h"
#include "layers.h"
#include "request.h"
#include "run.h"
#include "settle.h"
#include "stdin.h"
#include "version.h"

/* NONE: no job. OPEN: a job's jail. FAILED: a job's jail failed; everything but CLOSE is ignored. */
enum job_state { JOB_NONE, JOB_OPEN, JOB_FAILED };

struct keeper {
    struct slot_host host;
    struct connection connection;
    struct init_command command;
    enum job_state state;
    struct jail jail;
    int jail_is_ready; /* prepared or open */
    size_t last_profile;
    struct job_stdin stdin;
    int file_fd; /* the file of the last FILE request */
};

static void log_failure(const struct keeper *keeper, const struct failure *failure) {
    (void)fprintf(stderr, "bullpen-jailer: slot %zu: step %s: %s (%s)\n", keeper->host.number, step_name(failure->step), strerror(failure->error), failure->detail);
}

/* The socket is the worker's: without it there is nobody to serve, and the jail dies with us. */
static _Noreturn void leave(int status) {
    _exit(status);
}

static void must_send(int answer) {
    if (answer) leave(0);
}

static void drop_jail(struct keeper *keeper) {
    if (keeper->jail_is_ready) jail_destroy(&keeper->host, &keeper->jail);
    keeper->jail_is_ready = 0;
    stdin_drop(&keeper->stdin);
    close_and_forget(&keeper->file_fd);
}

/* Without it no jail can be made here any more; a new keeper starts with a new one. */
static void must_have_forker(const struct keeper *keeper) {
    if (waitpid(keeper->host.forker.pid, NULL, WNOHANG) != 0) leave(1);
}

static void fail_job(struct keeper *keeper, const struct failure *failure) {
    log_failure(keeper, failure);
    drop_jail(keeper);
    keeper->state = JOB_FAILED;
    must_send(reply_error(&keeper->connection, failure));
    must_have_forker(keeper);
}

static void send_opened(struct keeper *keeper) {
    reply_begin(&keeper->connection, REPLY_OPENED);
    add_layers(&keeper->connection.writer, &keeper->host, &keeper->jail);
    reply_finish(&keeper->connection);
    must_send(reply_send(&keeper->connection));
}

static void open_job(struct keeper *keeper, struct field_cursor fields) {
    struct open_request request;
    struct failure failure;
    if (request_open(fields, keeper->host.table, &request, &failure)) return fail_job(keeper, &failure);
    if (keeper->jail_is_ready && keeper->jail.profile != request.profile) drop_jail(keeper);
    if (!keeper->jail_is_ready && jail_prepare(&keeper->host, request.profile, &keeper->jail, &failure)) return fail_job(keeper, &failure);
    keeper->jail_is_ready = 1;
    keeper->last_profile = request.profile;
    if (jail_open(&keeper->host, &keeper->jail, request.disk_bytes, request.disk_files, &failure)) return fail_job(keeper, &failure);
    keeper->state = JOB_OPEN;
    send_opened(keeper);
}

static void write_file_data(struct keeper *keeper, const unsigned char *data, size_t length) {
    struct failure failure;
    if (keeper->file_fd < 0) {
        (void)failed_with(&failure, STEP_request, EINVAL, "FILE_DATA without FILE");
        return fail_job(keeper, &failure);
    }
    if (write_all(keeper->file_fd, data, length)) {
        (void)failed(&failure, STEP_write_file, "a file of the job");
        return fail_job(keeper, &failure);
    }
}

static void make_file(struct keeper *keeper, struct field_cursor fields) {
    static struct file_request request;
    struct failure failure;
    close_and_forget(&keeper->file_fd);
    if (request_file(fields, &request, &failure)) return fail_job(keeper, &failure);
    if (request.is_directory) {
        if (directory_create(keeper->jail.box.work, keeper->host.slot, request.path, request.mode, &failure)) fail_job(keeper, &failure);
        return;
    }
    keeper->file_fd = file_create(keeper->jail.box.work, keeper->host.slot, request.path, request.mode, &failure);
    if (keeper->file_fd < 0) return fail_job(keeper, &failure);
    write_file_data(keeper, request.data, request.data_length);
}

static void append_file(struct keeper *keeper, struct field_cursor fields) {
    const unsigned char *data;
    size_t length;
    struct failure failure;
    if (request_data(fields, &data, &length, &failure)) return fail_job(keeper, &failure);
    write_file_data(keeper, data, length);
}

static void append_stdin(struct keeper *keeper, struct field_cursor fields) {
    const unsigned char *data;
    size_t length;
    struct failure failure;
    if (request_data(fields, &data, &length, &failure) || stdin_append(&keeper->stdin, data, length, &failure)) fail_job(keeper, &failure);
}

static void run_job(struct keeper *keeper, struct field_cursor fields) {
    struct failure failure;
    const struct profile *profile = &keeper->host.table->profiles[keeper->jail.profile];
    close_and_forget(&keeper->file_fd);
    if (request_run(fields, profile, &keeper->command, &failure)) return fail_job(keeper, &failure);
    int stdin_fd = stdin_take(&keeper->stdin, &failure);
    if (stdin_fd < 0) return fail_job(keeper, &failure);
    switch (run_command(&keeper->host, &keeper->jail, &keeper->connection, &keeper->command, stdin_fd, &failure)) {
        case RUN_DONE: return;
        case RUN_JAIL_LOST: return fail_job(keeper, &failure);
        case RUN_WORKER_LOST: leave(0);
    }
}

static void send_content(struct keeper *keeper, const struct found_file *found) {
    static unsigned char piece[PIECE_MAX];
    struct failure failure;
    reply_begin(&keeper->connection, REPLY_FOUND);
    frame_u32(&keeper->connection.writer, FIELD_MODE, found->mode);
    frame_u64(&keeper->connection.writer, FIELD_SIZE, found->size);
    reply_finish(&keeper->connection);
    must_send(reply_send(&keeper->connection));
    for (uint64_t left = found->size; left > 0;) {
        ssize_t length = read(found->fd, piece, left < PIECE_MAX ? (size_t)left : PIECE_MAX);
        if (length < 0 && errno == EINTR) continue;
        if (length <= 0) {
            (void)failed(&failure, STEP_collect, "a file of the job");
            return fail_job(keeper, &failure);
        }
        must_send(reply_data(&keeper->connection, REPLY_CONTENT, piece, (size_t)length));
        left -= (uint64_t)length;
    }
    must_send(reply_empty(&keeper->connection, REPLY_CONTENT_END));
}

static void collect_file(struct keeper *keeper, struct field_cursor fields) {
    static struct collect_request request;
    struct failure failure;
    struct found_file found = {.fd = -1};
    if (request_collect(fields, &request, &failure)) return fail_job(keeper, &failure);
    enum refusal refusal = REFUSAL_OUTSIDE;
    if (request.path_is_safe) refusal = file_open(keeper->jail.box.work, keeper->host.slot, request.path, request.max_bytes, &found);
    if (refusal == REFUSAL_NONE) {
        send_content(keeper, &found);
        (void)close(found.fd);
        return;
    }
    reply_begin(&keeper->connection, REPLY_REFUSED);
    frame_u32(&keeper->connection.writer, FIELD_REASON, (uint32_t)refusal);
    reply_finish(&keeper->connection);
    must_send(reply_send(&keeper->connection));
}

/* A slot that cannot be proven empty is not used again: the master makes a new keeper, which starts with the same proof. */
static void close_job(struct keeper *keeper) {
    struct failure failure;
    drop_jail(keeper);
    keeper->state = JOB_NONE;
    if (cgroup_relax(&keeper->host.cgroup, &failure) || prove_empty(&keeper->host, &failure)) {
        log_failure(keeper, &failure);
        (void)reply_error(&keeper->connection, &failure);
        leave(1);
    }
    must_send(reply_empty(&keeper->connection, REPLY_CLOSED));
    /* The slot is idle now: make the next jail. If that fails, the next OPEN will say so. */
    keeper->jail_is_ready = jail_prepare(&keeper->host, keeper->last_profile, &keeper->jail, &failure) == 0;
    if (!keeper->jail_is_ready) must_have_forker(keeper);
}

static void serve(struct keeper *keeper, const struct frame *frame) {
    if (frame->type == REQUEST_CLOSE) return close_job(keeper);
    if (frame->type == REQUEST_KILL || keeper->state == JOB_FAILED) return;
    if (frame->type == REQUEST_OPEN && keeper->state == JOB_NONE) return open_job(keeper, frame->fields);
    if (keeper->state == JOB_OPEN) switch (frame->type) {
            case REQUEST_FILE: return make_file(keeper, frame->fields);
            case REQUEST_FILE_DATA: return append_file(keeper, frame->fields);
            case REQUEST_STDIN: return append_stdin(keeper, frame->fields);
            case REQUEST_RUN: return run_job(keeper, frame->fields);
            case REQUEST_COLLECT: return collect_file(keeper, frame->fields);
            default: break;
        }
    (void)fprintf(stderr, "bullpen-jailer: slot %zu: a frame of type %u cannot come now; the slot is made anew\n", keeper->host.number, frame->type);
    leave(1);
}

static void send_hello(struct keeper *keeper, const unsigned char *nonce) {
    reply_begin(&keeper->connection, REPLY_HELLO);
    if (nonce) frame_bytes(&keeper->connection.writer, FIELD_NONCE, nonce, NONCE_SIZE);
    frame_string(&keeper->connection.writer, FIELD_VERSION, "bullpen-jailer/" BULLPEN_VERSION);
    frame_u32(&keeper->connection.writer, FIELD_SLOT, (uint32_t)keeper->host.number);
    frame_u32(&keeper->connection.writer, FIELD_UID, keeper->host.slot->uid);
    reply_finish(&keeper->connection);
    must_send(reply_send(&keeper->connection));
}

void keeper_main(const struct table *table, size_t slot, int socket, const unsigned char *nonce) {
    static struct keeper keeper;
    struct failure failure;
    struct frame frame;
    keeper.host = (struct slot_host){.table = table, .number = slot, .slot = &table->slots[slot]};
    keeper.connection.fd = socket;
    keeper.stdin.fd = keeper.file_fd = -1;
    if (settle_keeper(&keeper.host, &failure)) {
        log_failure(&keeper, &failure);
        leave(1);
    }
    if (nonce && connection_synchronise(&keeper.connection, nonce)) leave(0);
    send_hello(&keeper, nonce);
    for (;;) {
        switch (connection_receive(&keeper.connection, &frame)) {
            case RECEIVED_FRAME: serve(&keeper, &frame); break;
            case RECEIVED_NONSENSE:
                (void)fprintf(stderr, "bullpen-jailer: slot %zu: not a frame; the slot is made anew\n", slot);
                leave(1);
            default: leave(0);
        }
    }
}
