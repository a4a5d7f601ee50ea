#include "seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "filter.h"
#include "seccomp-calls.h"
#include "seccomp-host.h"

#if defined(__x86_64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "Bullpen runs on x86-64 and arm64"
#endif

/* The highest call that was looked at when this file was written; newer ones answer ENOSYS, as on an older kernel. */
enum { LAST_REVIEWED_CALL = 466 };
enum { NEW_NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET };

/* Another architecture's numbers mean other calls: a program that uses them is killed. */
static void check_architecture(struct program *program) {
    filter_statement(program, BPF_LD | BPF_W | BPF_ABS, FIELD(arch));
    filter_jump(program, BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCHITECTURE, 1, 0);
    filter_answer(program, SECCOMP_RET_KILL_PROCESS);
    filter_statement(program, BPF_LD | BPF_W | BPF_ABS, FIELD(nr));
    filter_jump(program, BPF_JMP | BPF_JGT | BPF_K, LAST_REVIEWED_CALL, 0, 1); /* x32 calls lie far above, too */
    filter_answer(program, REFUSE(ENOSYS));
}

/* `call` is allowed when its argument equals one of two values, and answers `error` otherwise. */
static void allow_values(struct program *program, int call, unsigned argument, unsigned first, unsigned second, int error) {
    filter_jump(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 5);
    filter_statement(program, BPF_LD | BPF_W | BPF_ABS, ARGUMENT(argument));
    filter_jump(program, BPF_JMP | BPF_JEQ | BPF_K, first, 2, 0);
    filter_jump(program, BPF_JMP | BPF_JEQ | BPF_K, second, 1, 0);
    filter_answer(program, REFUSE(error));
    filter_answer(program, SECCOMP_RET_ALLOW);
}

/* `call` is refused when its argument equals one of two values. */
static void refuse_values(struct program *program, int call, unsigned argument, unsigned first, unsigned second, int error) {
    filter_jump(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 5);
    filter_statement(program, BPF_LD | BPF_W | BPF_ABS, ARGUMENT(argument));
    filter_jump(program, BPF_JMP | BPF_JEQ | BPF_K, first, 1, 0);
    filter_jump(program, BPF_JMP | BPF_JEQ | BPF_K, second, 0, 1);
    filter_answer(program, REFUSE(error));
    filter_answer(program, SECCOMP_RET_ALLOW);
}

/* `call` is refused when its first argument has any of `bits`. */
static void refuse_bits(struct program *program, int call, unsigned bits, int error) {
    filter_jump(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 4);
    filter_statement(program, BPF_LD | BPF_W | BPF_ABS, ARGUMENT(0));
    filter_jump(program, BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
    filter_answer(program, REFUSE(error));
    filter_answer(program, SECCOMP_RET_ALLOW);
}

/* Filters cost kernel memory that no cgroup is charged for, out of a budget of the whole host. "Invalid" is what a kernel without them says. */
static void refuse_own_filters(struct program *program) {
    refuse_values(program, SYS_seccomp, 0, SECCOMP_SET_MODE_STRICT, SECCOMP_SET_MODE_FILTER, EINVAL);
    refuse_values(program, SYS_prctl, 0, PR_SET_SECCOMP, PR_SET_SECCOMP, EINVAL);
}

int seccomp_confine(enum jailer_mode mode, const struct profile *profile) {
    struct program program = {.length = 0};
    /* AF_UNIX twice: a profile without sockets compares with a family that does not exist. */
    unsigned family = profile->allow_unix_sockets ? AF_UNIX : AF_MAX + 1u;
    check_architecture(&program);
    if (!mode_has_namespaces(mode)) seccomp_refuse_host(&program, mode, family);
    allow_values(&program, SYS_socket, 0, family, family, EACCES);
    allow_values(&program, SYS_socketpair, 0, family, family, EACCES);
    refuse_bits(&program, SYS_clone, NEW_NAMESPACES, EPERM);
    /* clone3 hides its flags behind a pointer that a filter cannot follow; libraries fall back to clone on ENOSYS. */
    filter_refuse_call(&program, SYS_clone3, ENOSYS);
    allow_values(&program, SYS_personality, 0, 0, 0xffffffff, EPERM);
    /* Only one's own limits: in a user namespace init has the program's user, which is all that the kernel asks. */
    allow_values(&program, SYS_prlimit64, 0, 0, 0, EPERM);
    /* A file in memory lies on no mount that could forbid its execution. */
    if (!profile->allow_execute_written) filter_refuse_call(&program, SYS_memfd_create, EACCES);
    /* Watching and leasing shared files tells of other jobs. */
    refuse_values(&program, SYS_fcntl, 1, F_NOTIFY, F_SETLEASE, EPERM);
    if (profile->allow_fork && profile->allow_exec) refuse_own_filters(&program);
    refuse_values(&program, SYS_ioctl, 1, TIOCSTI, TIOCLINUX, EPERM);
    for (size_t i = 0; i < sizeof refused_calls / sizeof *refused_calls; i++)
        filter_refuse_call(&program, refused_calls[i].number, refused_calls[i].error);
    filter_answer(&program, SECCOMP_RET_ALLOW);
    return filter_install(&program);
}

int seccomp_deny_fork(const struct profile *profile) {
    struct program program = {.length = 0};
    filter_statement(&program, BPF_LD | BPF_W | BPF_ABS, FIELD(nr));
    if (profile->allow_exec) refuse_own_filters(&program);
#ifdef SYS_fork
    filter_refuse_call(&program, SYS_fork, EPERM);
    filter_refuse_call(&program, SYS_vfork, EPERM);
#endif
    filter_jump(&program, BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3);
    filter_statement(&program, BPF_LD | BPF_W | BPF_ABS, ARGUMENT(0));
    filter_jump(&program, BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0);
    filter_answer(&program, REFUSE(EPERM));
    filter_answer(&program, SECCOMP_RET_ALLOW);
    return filter_install(&program);
}

/* Each of the addresses is compared in two halves; whatever differs leads to the refusal behind the last comparison. */
int seccomp_allow_exec_of(const uint64_t addresses[EXEC_ARGUMENTS]) {
    enum { HALVES = 2, COMPARISONS = 2 * HALVES * EXEC_ARGUMENTS };
    struct program program = {.length = 0};
    filter_statement(&program, BPF_LD | BPF_W | BPF_ABS, FIELD(nr));
    refuse_own_filters(&program);
    filter_refuse_call(&program, SYS_execveat, EACCES);
    filter_jump(&program, BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 0, COMPARISONS + 2);
    for (unsigned i = 0; i < HALVES * EXEC_ARGUMENTS; i++) {
        filter_statement(&program, BPF_LD | BPF_W | BPF_ABS, ARGUMENT(i / HALVES) + (i % HALVES) * 4u);
        filter_jump(&program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(addresses[i / HALVES] >> (i % HALVES) * 32u), 0, (unsigned char)(COMPARISONS - 2 * i - 1));
    }
    filter_answer(&program, SECCOMP_RET_ALLOW);
    filter_answer(&program, REFUSE(EACCES));
    filter_answer(&program, SECCOMP_RET_ALLOW);
    return filter_install(&program);
}

int seccomp_is_active(void) {
    if (prctl(PR_GET_SECCOMP) != SECCOMP_MODE_FILTER) return 0;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) (void)close(fd);
    return fd < 0 && errno == EACCES;
}
