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

/* Standard input is a sealed file in memory: it can be of any size without anybody having to feed it, and nobody can change it. */
int stdin_append(struct job_stdin *input, const unsigned char *data, size_t length, struct failure *failure) {
    input->bytes += length;
    if (input->bytes > STDIN_BYTES_MAX) return failed_with(failure, STEP_request, EFBIG, "stdin is larger than 64 MiB");
    if (input->fd < 0) input->fd = memfd_create("stdin", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
    if (input->fd < 0) {
        input->fd = memfd_create("stdin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        if (input->fd >= 0 && fchmod(input->fd, 0444)) close_and_forget(&input->fd); /* nor executable, as with the seal */
    }
    if (input->fd < 0 || write_all(input->fd, data, length)) return failed(failure, STEP_stdio, "stdin");
    return 0;
}

int stdin_take(struct job_stdin *input, struct failure *failure) {
    int fd = input->fd;
    input->fd = -1;
    input->bytes = 0;
    if (fd < 0) fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    else if (lseek(fd, 0, SEEK_SET) || fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)) close_and_forget(&fd);
    return fd < 0 ? failed(failure, STEP_stdio, "stdin") : fd;
}

void stdin_drop(struct job_stdin *input) {
    close_and_forget(&input->fd);
    input->bytes = 0;
}
