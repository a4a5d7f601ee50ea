"""Tries to reach the world by every family of sockets."""
import socket

families = [socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET, socket.AF_VSOCK]
for family in families:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            socket.socket(family, kind)
            print("got a socket:", family, kind)
        except OSError:
            pass
print("no network")
