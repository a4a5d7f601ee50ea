"""Asks for root's rights in every way it knows."""
import os

for attempt in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0]), lambda: os.chroot("."), lambda: os.nice(-10)):
    try:
        attempt()
        print("allowed")
    except OSError:
        pass
print("nobody" if os.getuid() >= 3000 else "somebody")
