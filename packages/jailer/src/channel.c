#include "channel.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "table.h"

enum { LEASH_FD = 0, NEWS_FD = 1, LINE_MAX_SIZE = 64, HEXADECIMAL = 2 * NONCE_SIZE };

/* The master serves all slots and must never wait for the worker: a pipe that is full means that nobody reads it. */
int channel_announce(size_t slot, const unsigned char nonce[NONCE_SIZE]) {
    char line[LINE_MAX_SIZE], hexadecimal[HEXADECIMAL + 1];
    struct pollfd polled = {.fd = NEWS_FD, .events = POLLOUT};
    for (size_t i = 0; i < NONCE_SIZE; i++) (void)snprintf(hexadecimal + 2 * i, 3, "%02x", nonce[i]);
    int length = snprintf(line, sizeof line, "keeper %zu %s\n", slot, hexadecimal);
    if (poll(&polled, 1, 0) != 1 || !(polled.revents & POLLOUT)) return -1;
    return write(NEWS_FD, line, (size_t)length) == length ? 0 : -1;
}

static int parse_wish(char *line, struct wish *wish) {
    static const char keyword[] = "replace ";
    uint64_t slot, keeper;
    if (strncmp(line, keyword, sizeof keyword - 1) != 0) return -1;
    char *number = line + sizeof keyword - 1;
    char *space = strchr(number, ' ');
    if (!space) return -1;
    *space = '\0';
    if (parse_number(number, SLOTS_MAX - 1, &slot) || parse_number(space + 1, UINT32_MAX, &keeper)) return -1;
    *wish = (struct wish){.slot = (size_t)slot, .keeper = (unsigned)keeper};
    return 0;
}

int channel_receive(void (*grant)(const struct wish *wish)) {
    static char text[LINE_MAX_SIZE];
    static size_t length;
    ssize_t received = read(LEASH_FD, text + length, sizeof text - length);
    if (received < 0 && errno == EINTR) return 0;
    if (received <= 0) return -1;
    length += (size_t)received;
    for (char *end; (end = memchr(text, '\n', length));) {
        struct wish wish;
        size_t taken = (size_t)(end - text) + 1;
        *end = '\0';
        if (parse_wish(text, &wish)) return -1;
        grant(&wish);
        length -= taken;
        memmove(text, text + taken, length);
    }
    return length == sizeof text ? -1 : 0;
}
