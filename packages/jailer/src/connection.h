/* The slot's socket to the worker: whole frames in, whole frames out. The worker is treated as hostile. */
#ifndef BULLPEN_CONNECTION_H
#define BULLPEN_CONNECTION_H

#include "channel.h"
#include "frame.h"
#include "steps.h"

/* Output of a program travels in pieces of this size, so that a keeper stays small. */
enum { PIECE_MAX = 32768, OUTBOX_SIZE = PIECE_MAX + 1024 };

struct frame {
    uint16_t type;
    struct field_cursor fields;
};

struct connection {
    int fd;
    size_t in_length, in_taken; /* bytes received; bytes of the frame that was handed out last */
    size_t out_length, out_sent;
    struct frame_writer writer;
    unsigned char in[FRAME_HEADER_SIZE + FRAME_BODY_MAX];
    unsigned char out[OUTBOX_SIZE];
};

enum receive_answer { RECEIVED_FRAME, RECEIVED_NOTHING, RECEIVED_END, RECEIVED_NONSENSE };

/* The next frame; it is valid until the next call. Waits for one, or looks at what is there. */
enum receive_answer connection_receive(struct connection *connection, struct frame *frame);
enum receive_answer connection_look(struct connection *connection, struct frame *frame);
/* Drops all that comes before a SYNC with this nonce: what a keeper before us was sent and did not read. -1 when the worker is gone. */
int connection_synchronise(struct connection *connection, const unsigned char nonce[NONCE_SIZE]);
/* Keeps the frame that was handed out last for the next call. */
void connection_put_back(struct connection *connection);

/* Starts a reply in the outbox, which must be empty; fields are added through `writer`; finish makes it ready to be sent. */
void reply_begin(struct connection *connection, enum frame_type type);
void reply_finish(struct connection *connection);
int reply_pending(const struct connection *connection);
/* Sends what the socket takes now; -1 when the worker is gone. */
int reply_send_some(struct connection *connection);
/* Sends all of it. */
int reply_send(struct connection *connection);

/* Whole replies. */
int reply_empty(struct connection *connection, enum frame_type type);
int reply_data(struct connection *connection, enum frame_type type, const void *bytes, size_t length);
int reply_error(struct connection *connection, const struct failure *failure);

#endif
