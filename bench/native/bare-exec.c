/*
 * bare-exec PROGRAM [ARG...]: times fork, exec and wait of a program that must exit with 0; what it prints is dropped. The floor of
 * every other row.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stopwatch.h"

static char **program;
static int null_fd;

static void measure(const char *name, int count) {
    (void)name;
    for (int i = 0; i < count; i++) {
        int status;
        uint64_t start = now_ns();
        pid_t pid = fork();
        if (pid < 0) give_up("fork");
        if (pid == 0) {
            if (dup2(null_fd, STDOUT_FILENO) >= 0) (void)execv(program[0], program);
            _exit(127);
        }
        if (waitpid(pid, &status, 0) != pid) give_up("waitpid");
        uint64_t end = now_ns();
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            (void)fprintf(stderr, "%s ended with wait status %#x\n", program[0], (unsigned)status);
            exit(1);
        }
        (void)printf("%" PRIu64 "\n", end - start);
    }
}

int main(int argc, char **argv) {
    if (argc < 2) {
        (void)fputs("usage: bare-exec PROGRAM [ARG...]\n", stderr);
        return 2;
    }
    program = argv + 1;
    null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null_fd < 0) give_up("/dev/null");
    serve_stopwatch(measure);
    return 0;
}
