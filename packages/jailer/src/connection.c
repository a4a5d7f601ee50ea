#include "connection.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

static void drop_taken(struct connection *connection) {
    size_t left = connection->in_length - connection->in_taken;
    if (left > 0 && connection->in_taken > 0) memmove(connection->in, connection->in + connection->in_taken, left);
    connection->in_length = left;
    connection->in_taken = 0;
}

/* Hands out the first frame of the buffer when all of it is there. */
static enum receive_answer first_frame(struct connection *connection, struct frame *frame) {
    struct frame_header header;
    if (connection->in_length < FRAME_HEADER_SIZE) return RECEIVED_NOTHING;
    if (frame_header_parse(connection->in, &header)) return RECEIVED_NONSENSE;
    if (connection->in_length < FRAME_HEADER_SIZE + (size_t)header.length) return RECEIVED_NOTHING;
    connection->in_taken = FRAME_HEADER_SIZE + (size_t)header.length;
    frame->type = header.type;
    frame->fields = (struct field_cursor){.next = connection->in + FRAME_HEADER_SIZE, .left = header.length};
    return RECEIVED_FRAME;
}

static enum receive_answer fill_and_take(struct connection *connection, struct frame *frame, int flags) {
    drop_taken(connection);
    for (;;) {
        enum receive_answer answer = first_frame(connection, frame);
        if (answer != RECEIVED_NOTHING) return answer;
        ssize_t received = recv(connection->fd, connection->in + connection->in_length, sizeof connection->in - connection->in_length, flags);
        if (received == 0) return RECEIVED_END;
        if (received < 0 && errno == EINTR) continue;
        if (received < 0) return errno == EAGAIN ? RECEIVED_NOTHING : RECEIVED_END;
        connection->in_length += (size_t)received;
    }
}

/* The worker's end is a Node socket in non-blocking mode, but each end has a mode of its own; poll works with either. */
enum receive_answer connection_receive(struct connection *connection, struct frame *frame) {
    for (;;) {
        enum receive_answer answer = connection_look(connection, frame);
        if (answer != RECEIVED_NOTHING) return answer;
        struct pollfd polled = {.fd = connection->fd, .events = POLLIN};
        if (poll(&polled, 1, -1) < 0 && errno != EINTR) return RECEIVED_END;
    }
}

enum receive_answer connection_look(struct connection *connection, struct frame *frame) {
    return fill_and_take(connection, frame, MSG_DONTWAIT);
}

int connection_synchronise(struct connection *connection, const unsigned char nonce[NONCE_SIZE]) {
    unsigned char wanted[FRAME_HEADER_SIZE + FIELD_HEADER_SIZE + NONCE_SIZE];
    struct frame_writer writer;
    frame_begin(&writer, wanted, sizeof wanted, REQUEST_SYNC);
    frame_bytes(&writer, FIELD_NONCE, nonce, NONCE_SIZE);
    (void)frame_end(&writer);
    for (;;) {
        unsigned char *found = memmem(connection->in, connection->in_length, wanted, sizeof wanted);
        if (found) {
            connection->in_taken = (size_t)(found - connection->in) + sizeof wanted;
            return 0;
        }
        /* Its begin may be the end of what is there. */
        if (connection->in_length >= sizeof wanted) connection->in_taken = connection->in_length - (sizeof wanted - 1);
        drop_taken(connection);
        ssize_t received = recv(connection->fd, connection->in + connection->in_length, sizeof connection->in - connection->in_length, 0);
        if (received == 0 || (received < 0 && errno != EINTR && errno != EAGAIN)) return -1;
        if (received > 0) connection->in_length += (size_t)received;
        if (received < 0 && errno == EAGAIN && poll(&(struct pollfd){.fd = connection->fd, .events = POLLIN}, 1, -1) < 0 && errno != EINTR) return -1;
    }
}

void connection_put_back(struct connection *connection) {
    connection->in_taken = 0;
}

void reply_begin(struct connection *connection, enum frame_type type) {
    frame_begin(&connection->writer, connection->out, sizeof connection->out, type);
}

void reply_finish(struct connection *connection) {
    connection->out_length = frame_end(&connection->writer);
    connection->out_sent = 0;
}

int reply_pending(const struct connection *connection) {
    return connection->out_sent < connection->out_length;
}

int reply_send_some(struct connection *connection) {
    while (reply_pending(connection)) {
        ssize_t sent = send(connection->fd, connection->out + connection->out_sent, connection->out_length - connection->out_sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return errno == EAGAIN ? 0 : -1;
        connection->out_sent += (size_t)sent;
    }
    return 0;
}

int reply_send(struct connection *connection) {
    for (;;) {
        if (reply_send_some(connection)) return -1;
        if (!reply_pending(connection)) return 0;
        struct pollfd polled = {.fd = connection->fd, .events = POLLOUT};
        if (poll(&polled, 1, -1) < 0 && errno != EINTR) return -1;
    }
}

int reply_empty(struct connection *connection, enum frame_type type) {
    reply_begin(connection, type);
    reply_finish(connection);
    return reply_send(connection);
}

int reply_data(struct connection *connection, enum frame_type type, const void *bytes, size_t length) {
    reply_begin(connection, type);
    frame_bytes(&connection->writer, FIELD_DATA, bytes, length);
    reply_finish(connection);
    return reply_send(connection);
}

int reply_error(struct connection *connection, const struct failure *failure) {
    if (reply_send(connection)) return -1; /* what was begun is finished first */
    reply_begin(connection, REPLY_ERROR);
    frame_string(&connection->writer, FIELD_STEP, step_name(failure->step));
    frame_u32(&connection->writer, FIELD_ERRNO, (uint32_t)failure->error);
    frame_string(&connection->writer, FIELD_DETAIL, failure->detail);
    reply_finish(connection);
    return reply_send(connection);
}
