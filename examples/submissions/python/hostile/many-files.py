"""Makes empty files until it is stopped, and says by what."""
import errno
import itertools

try:
    for number in itertools.count():
        open(f"empty-{number}", "wb").close()
except OSError as error:
    print(errno.errorcode[error.errno])
