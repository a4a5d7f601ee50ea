/*
 * keeper-client TABLE PROGRAM WORD...: speaks frames (docs/jailer.md) with the jailer as a worker does, without Node. The words start
 * the jailer; its table is added to them, with one slot and one profile, whose view shows PROGRAM. Requests:
 *   run COUNT     commands in one jail: one number per line, from RUN sent to EXITED received
 *   cycle COUNT   jails one right after the other: open, run and close per line
 *   rested COUNT  the same with a pause between jails, in which the slot prepares the next one
 */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "frame.h"
#include "stopwatch.h"

enum { SLOT_FD = 3, REST_NS = 8000000, WORDS_MAX = 32 };

static int slot, leash_end;
static pid_t jailer_pid;
static const char *program;
static unsigned char body[FRAME_BODY_MAX];

/* `words` ends with NULL, and has room for two more before it. */
static void start_jailer(char **words) {
    int pair[2], leash[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) || pipe2(leash, O_CLOEXEC)) give_up("socketpair");
    jailer_pid = fork();
    if (jailer_pid < 0) give_up("fork");
    if (jailer_pid == 0) {
        /* Above all that dup2 overwrites. */
        int socket = fcntl(pair[1], F_DUPFD_CLOEXEC, 10), end = fcntl(leash[0], F_DUPFD_CLOEXEC, 10);
        if (socket < 0 || end < 0 || dup2(end, 0) < 0 || dup2(2, 1) < 0 || dup2(socket, SLOT_FD) < 0) _exit(126);
        (void)execv(words[0], words);
        _exit(127);
    }
    slot = pair[0];
    leash_end = leash[1];
    (void)close(pair[1]);
    (void)close(leash[0]);
}

static void read_fully(void *bytes, size_t length) {
    for (size_t have = 0; have < length;) {
        ssize_t got = read(slot, (unsigned char *)bytes + have, length - have);
        if (got <= 0) give_up("the jailer ended");
        have += (size_t)got;
    }
}

/* Returns the body's length; any other reply than the expected one ends the benchmark with what it says. */
static size_t await_reply(enum frame_type expected) {
    unsigned char bytes[FRAME_HEADER_SIZE];
    struct frame_header header;
    read_fully(bytes, sizeof bytes);
    if (frame_header_parse(bytes, &header)) give_up("a bad frame");
    read_fully(body, header.length);
    if (header.type == expected) return header.length;
    (void)fprintf(stderr, "keeper-client: expected a reply of type %d, got type %d of %u bytes\n", (int)expected, (int)header.type, header.length);
    exit(1);
}

static void send_frame(struct frame_writer *writer) {
    size_t length = frame_end(writer);
    if (length == 0 || write(slot, writer->bytes, length) != (ssize_t)length) give_up("send");
}

static void open_jail(void) {
    static unsigned char frame[256];
    struct frame_writer writer;
    frame_begin(&writer, frame, sizeof frame, REQUEST_OPEN);
    frame_u32(&writer, FIELD_PROFILE, 0);
    frame_u64(&writer, FIELD_DISK_BYTES, 16777216);
    frame_u64(&writer, FIELD_DISK_FILES, 1000);
    send_frame(&writer);
    (void)await_reply(REPLY_OPENED);
}

static void check_exit(size_t length) {
    struct field_cursor cursor = {.next = body, .left = length};
    struct field field;
    uint32_t code = 1;
    while (field_next(&cursor, &field) == 1)
        if (field.tag == FIELD_EXIT_CODE && field_u32(&field, &code)) code = 1;
    if (code == 0) return;
    (void)fprintf(stderr, "keeper-client: %s did not exit with 0 in the jail\n", program);
    exit(1);
}

static void run_program(void) {
    static unsigned char frame[1024];
    struct frame_writer writer;
    frame_begin(&writer, frame, sizeof frame, REQUEST_RUN);
    frame_string(&writer, FIELD_ARG, program);
    frame_u64(&writer, FIELD_WALL_MS, 10000);
    frame_u64(&writer, FIELD_CPU_MS, 10000);
    frame_u64(&writer, FIELD_MEMORY, 268435456);
    frame_u64(&writer, FIELD_ADDRESS_SPACE, 0);
    frame_u64(&writer, FIELD_PROCESSES, 32);
    frame_u64(&writer, FIELD_FILE_SIZE, 16777216);
    frame_u64(&writer, FIELD_OPEN_FILES, 64);
    frame_u64(&writer, FIELD_STACK, 8388608);
    frame_u64(&writer, FIELD_OUTPUT, 65536);
    send_frame(&writer);
    check_exit(await_reply(REPLY_EXITED));
}

static void close_jail(void) {
    static unsigned char frame[FRAME_HEADER_SIZE];
    struct frame_writer writer;
    frame_begin(&writer, frame, sizeof frame, REQUEST_CLOSE);
    send_frame(&writer);
    (void)await_reply(REPLY_CLOSED);
}

static void time_runs(int count) {
    open_jail();
    run_program();
    for (int i = 0; i < count; i++) {
        uint64_t start = now_ns();
        run_program();
        (void)printf("%" PRIu64 "\n", now_ns() - start);
    }
    close_jail();
}

static void time_cycles(int count, int rests) {
    const struct timespec rest = {.tv_nsec = REST_NS};
    uint64_t closed = now_ns();
    for (int i = 0; i < count; i++) {
        if (rests) (void)nanosleep(&rest, NULL);
        /* Without a rest there is no pause, not even one that the machine makes: in it the next jail could be made unseen. */
        uint64_t start = rests ? now_ns() : closed;
        open_jail();
        uint64_t opened = now_ns();
        run_program();
        uint64_t ended = now_ns();
        close_jail();
        closed = now_ns();
        (void)printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", opened - start, ended - opened, closed - ended);
    }
}

static void measure(const char *name, int count) {
    if (strcmp(name, "run") == 0) time_runs(count);
    else time_cycles(count, strcmp(name, "rested") == 0);
}

int main(int argc, char **argv) {
    char *words[WORDS_MAX + 3] = {NULL};
    if (argc < 4 || argc > 3 + WORDS_MAX) {
        (void)fputs("usage: keeper-client TABLE PROGRAM WORD...\n", stderr);
        return 2;
    }
    program = argv[2];
    memcpy(words, argv + 3, (size_t)(argc - 3) * sizeof *words);
    words[argc - 3] = "--table";
    words[argc - 2] = argv[1];
    start_jailer(words);
    (void)await_reply(REPLY_HELLO);
    serve_stopwatch(measure);
    /* The jailer ends everything when its leash closes. */
    (void)close(leash_end);
    return waitpid(jailer_pid, NULL, 0) == jailer_pid ? 0 : 1;
}
