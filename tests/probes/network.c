#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "probe.h"

static long inet_stream(char **a) { (void)a; return socket(AF_INET, SOCK_STREAM, 0); }
static long inet6_stream(char **a) { (void)a; return socket(AF_INET6, SOCK_STREAM, 0); }
static long inet_datagram(char **a) { (void)a; return socket(AF_INET, SOCK_DGRAM, 0); }
static long inet_raw(char **a) { (void)a; return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP); }
static long netlink(char **a) { (void)a; return socket(AF_NETLINK, SOCK_RAW, 0); }
static long packet(char **a) { (void)a; return socket(AF_PACKET, SOCK_RAW, 0); }
static long vsock(char **a) { (void)a; return socket(AF_VSOCK, SOCK_STREAM, 0); }
static long alg(char **a) { (void)a; return socket(AF_ALG, SOCK_SEQPACKET, 0); }
static long unix_stream(char **a) { (void)a; return socket(AF_UNIX, SOCK_STREAM, 0); }

/* Every family that the kernel may know, but AF_UNIX. */
static long any_other_family(char **a) {
    (void)a;
    for (int family = 0; family < 64; family++)
        for (int type = SOCK_STREAM; type <= SOCK_PACKET; type++)
            if (family != AF_UNIX && socket(family, type, 0) >= 0) return family;
    return stopped(EACCES);
}

static long inet_pair(char **a) {
    int pair[2];
    (void)a;
    return socketpair(AF_INET, SOCK_STREAM, 0, pair);
}

static long unix_pair(char **a) {
    int pair[2];
    char byte;
    (void)a;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) || write(pair[0], "x", 1) != 1) return -1;
    return read(pair[1], &byte, 1);
}

static long pair_of_kind(char **a) {
    int pair[2], kind = strcmp(a[0], "stream") == 0 ? SOCK_STREAM : strcmp(a[0], "dgram") == 0 ? SOCK_DGRAM : SOCK_SEQPACKET;
    return socketpair(AF_UNIX, kind, 0, pair);
}

/* `@name` is an abstract address. */
static socklen_t unix_address(struct sockaddr_un *address, const char *name) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    (void)snprintf(address->sun_path, sizeof address->sun_path, "%s", name);
    if (name[0] == '@') address->sun_path[0] = '\0';
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
}

static long unix_connect(char **a) {
    struct sockaddr_un address;
    socklen_t length = unix_address(&address, a[0]);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&address, length);
}

/* Listens on an address and connects to it, then stays for so many milliseconds. */
static long unix_listen(char **a) {
    struct sockaddr_un address;
    socklen_t length = unix_address(&address, a[0]);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) || listen(fd, 1) || unix_connect(a)) return -1;
    return usleep((useconds_t)atoi(a[1]) * 1000);
}

static long inet_connect(char **a) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((in_port_t)atoi(a[1]))};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || inet_pton(AF_INET, a[0], &address.sin_addr) != 1) return -1;
    return connect(fd, (struct sockaddr *)&address, sizeof address);
}

const struct probe network_probes[] = {
    {"socket-inet", 0, inet_stream},
    {"socket-inet6", 0, inet6_stream},
    {"socket-udp", 0, inet_datagram},
    {"socket-raw", 0, inet_raw},
    {"socket-netlink", 0, netlink},
    {"socket-packet", 0, packet},
    {"socket-vsock", 0, vsock},
    {"socket-alg", 0, alg},
    {"socket-any-other-family", 0, any_other_family},
    {"socket-unix", 0, unix_stream},
    {"socketpair-inet", 0, inet_pair},
    {"socketpair-unix", 0, unix_pair},
    {"socketpair-kind", 1, pair_of_kind},
    {"connect-unix", 1, unix_connect},
    {"listen-unix", 2, unix_listen},
    {"connect-inet", 2, inet_connect},
    {0},
};
