#include "stdin.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"

enum { STDIN_BYTES_MAX = 67108864 };
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* Linux 6.3 */
#endif

static int make_file(void) {
    int fd = memfd_create("stdin", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
    if (fd >= 0) return fd;
    fd = memfd_create("stdin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd >= 0 && fchmod(fd, 0444)) close_and_forget(&fd); /* nor executable, as with the seal */
    return fd;
}

/* Standard input is a sealed file in memory: it can be of any size without anybody having to feed it, and nobody can change it. */
int stdin_append(struct job_stdin *input, const unsigned char *data, size_t length, struct failure *failure) {
    input->bytes += length;
    if (input->bytes > STDIN_BYTES_MAX) return failed_with(failure, STEP_request, EFBIG, "stdin is larger than 64 MiB");
    if (input->fd < 0) input->fd = make_file();
    if (input->fd < 0 || write_all(input->fd, data, length)) return failed(failure, STEP_stdio, "stdin");
    return 0;
}

/* No input is an empty file of the same kind and not /dev/null, whose inode is the host's. */
int stdin_take(struct job_stdin *input, struct failure *failure) {
    int fd = input->fd < 0 ? make_file() : input->fd;
    *input = (struct job_stdin){.fd = -1};
    if (fd >= 0 && (lseek(fd, 0, SEEK_SET) || fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE))) close_and_forget(&fd);
    return fd < 0 ? failed(failure, STEP_stdio, "stdin") : fd;
}

void stdin_drop(struct job_stdin *input) {
    close_and_forget(&input->fd);
    input->bytes = 0;
}
