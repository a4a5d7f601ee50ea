#include "seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "seccomp-calls.h"

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
enum { PROGRAM_MAX = 512 };

/* A program under construction. It is a list of self-contained pieces: each answers its calls or falls through to the next. */
struct program {
    struct sock_filter code[PROGRAM_MAX];
    unsigned short length;
};

#define FIELD(name) ((unsigned)offsetof(struct seccomp_data, name))
/* Low half of an argument on little-endian machines; the kernel takes these arguments as 32-bit values. */
#define ARGUMENT(n) ((unsigned)offsetof(struct seccomp_data, args[n]))
#define REFUSE(error) (SECCOMP_RET_ERRNO | (unsigned)(error))

static void statement(struct program *program, unsigned code, unsigned value) {
    program->code[program->length++] = (struct sock_filter)BPF_STMT((unsigned short)code, value);
}

static void jump(struct program *program, unsigned code, unsigned value, unsigned char if_true, unsigned char if_false) {
    program->code[program->length++] = (struct sock_filter)BPF_JUMP((unsigned short)code, value, if_true, if_false);
}

static void answer(struct program *program, unsigned verdict) {
    statement(program, BPF_RET | BPF_K, verdict);
}

/* Another architecture's numbers mean other calls: a program that uses them is killed. */
static void check_architecture(struct program *program) {
    statement(program, BPF_LD | BPF_W | BPF_ABS, FIELD(arch));
    jump(program, BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCHITECTURE, 1, 0);
    answer(program, SECCOMP_RET_KILL_PROCESS);
    statement(program, BPF_LD | BPF_W | BPF_ABS, FIELD(nr));
    jump(program, BPF_JMP | BPF_JGT | BPF_K, LAST_REVIEWED_CALL, 0, 1); /* x32 calls lie far above, too */
    answer(program, REFUSE(ENOSYS));
}

static void refuse_call(struct program *program, int call, int error) {
    jump(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 1);
    answer(program, REFUSE(error));
}

/* `call` is allowed when its argument equals one of two values, and answers `error` otherwise. */
static void allow_values(struct program *program, int call, unsigned argument, unsigned first, unsigned second, int error) {
    jump(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 5);
    statement(program, BPF_LD | BPF_W | BPF_ABS, ARGUMENT(argument));
    jump(program, BPF_JMP | BPF_JEQ | BPF_K, first, 2, 0);
    jump(program, BPF_JMP | BPF_JEQ | BPF_K, second, 1, 0);
    answer(program, REFUSE(error));
    answer(program, SECCOMP_RET_ALLOW);
}

/* `call` is refused when its argument equals one of two values. */
static void refuse_values(struct program *program, int call, unsigned argument, unsigned first, unsigned second, int error) {
    jump(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 5);
    statement(program, BPF_LD | BPF_W | BPF_ABS, ARGUMENT(argument));
    jump(program, BPF_JMP | BPF_JEQ | BPF_K, first, 1, 0);
    jump(program, BPF_JMP | BPF_JEQ | BPF_K, second, 0, 1);
    answer(program, REFUSE(error));
    answer(program, SECCOMP_RET_ALLOW);
}

/* `call` is refused when its first argument has any of `bits`. */
static void refuse_bits(struct program *program, int call, unsigned bits, int error) {
    jump(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 4);
    statement(program, BPF_LD | BPF_W | BPF_ABS, ARGUMENT(0));
    jump(program, BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
    answer(program, REFUSE(error));
    answer(program, SECCOMP_RET_ALLOW);
}

/* Filters cost kernel memory that no cgroup is charged for, out of a budget of the whole host. "Invalid" is what a kernel without them says. */
static void refuse_own_filters(struct program *program) {
    refuse_values(program, SYS_seccomp, 0, SECCOMP_SET_MODE_STRICT, SECCOMP_SET_MODE_FILTER, EINVAL);
    refuse_values(program, SYS_prctl, 0, PR_SET_SECCOMP, PR_SET_SECCOMP, EINVAL);
}

/* `call` is refused unless its argument is 0, which stands for the calling process; further pieces may ask about the same call. */
static void require_zero(struct program *program, int call, unsigned argument) {
    jump(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 4);
    statement(program, BPF_LD | BPF_W | BPF_ABS, ARGUMENT(argument));
    jump(program, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
    answer(program, REFUSE(EPERM));
    statement(program, BPF_LD | BPF_W | BPF_ABS, FIELD(nr));
}

/*
 * Without namespaces the host's sockets, queues and shared memory are in reach: of sockets only pairs are left, of those only connected
 * kinds, since a pair of datagram sockets can be connected to another address.
 */
static void refuse_shared_objects(struct program *program, unsigned family) {
    /* System V's by all their calls: a number that somebody else was given opens an object as well. */
    static const int calls[] = {SYS_socket, SYS_connect, SYS_shmget, SYS_shmat, SYS_shmdt, SYS_shmctl, SYS_semget, SYS_semop, SYS_semtimedop, SYS_semctl,
                                SYS_msgget, SYS_msgsnd, SYS_msgrcv, SYS_msgctl, SYS_mq_open, SYS_mq_unlink};
    enum { KIND = 0xf };
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) refuse_call(program, calls[i], EACCES);
    jump(program, BPF_JMP | BPF_JEQ | BPF_K, SYS_socketpair, 0, 8);
    statement(program, BPF_LD | BPF_W | BPF_ABS, ARGUMENT(0));
    jump(program, BPF_JMP | BPF_JEQ | BPF_K, family, 0, 5);
    statement(program, BPF_LD | BPF_W | BPF_ABS, ARGUMENT(1));
    statement(program, BPF_ALU | BPF_AND | BPF_K, KIND);
    jump(program, BPF_JMP | BPF_JEQ | BPF_K, SOCK_STREAM, 1, 0);
    jump(program, BPF_JMP | BPF_JEQ | BPF_K, SOCK_SEQPACKET, 0, 1);
    answer(program, SECCOMP_RET_ALLOW);
    answer(program, REFUSE(EACCES));
}

enum { SET_ID = 06000, CREATES = O_CREAT | (O_TMPFILE & ~O_DIRECTORY) };

/* `call` is refused when its argument has any of `bits`; further pieces may ask about the same call. */
static void refuse_mode(struct program *program, int call, unsigned argument) {
    jump(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 4);
    statement(program, BPF_LD | BPF_W | BPF_ABS, ARGUMENT(argument));
    jump(program, BPF_JMP | BPF_JSET | BPF_K, SET_ID, 0, 1);
    answer(program, REFUSE(EPERM));
    statement(program, BPF_LD | BPF_W | BPF_ABS, FIELD(nr));
}

/* The mode of a call that opens is any number, unless its flags, in the argument before, say that it makes a file. */
static void refuse_mode_of_new(struct program *program, int call, unsigned argument) {
    jump(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 6);
    statement(program, BPF_LD | BPF_W | BPF_ABS, ARGUMENT(argument - 1));
    jump(program, BPF_JMP | BPF_JSET | BPF_K, CREATES, 0, 3);
    statement(program, BPF_LD | BPF_W | BPF_ABS, ARGUMENT(argument));
    jump(program, BPF_JMP | BPF_JSET | BPF_K, SET_ID, 0, 1);
    answer(program, REFUSE(EPERM));
    statement(program, BPF_LD | BPF_W | BPF_ABS, FIELD(nr));
}

/*
 * No mount of the box says nosuid: a program that made its file setuid would hand its user, in `restricted` the worker's, to everybody on the
 * host who can reach the file.
 */
static void refuse_set_id_files(struct program *program) {
    refuse_mode(program, SYS_fchmod, 1);
    refuse_mode(program, SYS_fchmodat, 2);
    refuse_mode(program, CALL_fchmodat2, 2);
    refuse_mode(program, SYS_mkdirat, 2);
    refuse_mode(program, SYS_mknodat, 2);
    refuse_mode_of_new(program, SYS_openat, 3);
    /* Its mode lies behind a pointer; libraries fall back to openat. */
    refuse_call(program, SYS_openat2, ENOSYS);
#ifdef __x86_64__
    refuse_mode(program, SYS_chmod, 1);
    refuse_mode(program, SYS_mkdir, 1);
    refuse_mode(program, SYS_mknod, 1);
    refuse_mode(program, SYS_creat, 1);
    refuse_mode_of_new(program, SYS_open, 2);
#endif
}

/* The worker is of the same user, so the kernel would let a job slow it down; Landlock knows signals and traces only. */
static void refuse_scheduling_of_others(struct program *program) {
    static const int calls[] = {SYS_sched_setaffinity, SYS_sched_setscheduler, SYS_sched_setparam, SYS_sched_setattr};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) require_zero(program, calls[i], 0);
    require_zero(program, SYS_setpriority, 0);
    require_zero(program, SYS_setpriority, 1);
    refuse_call(program, SYS_ioprio_set, EPERM);
}

static int install(const struct program *program) {
    struct sock_fprog filter = {.len = program->length, .filter = (struct sock_filter *)(uintptr_t)program->code};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

int seccomp_confine(enum jailer_mode mode, const struct profile *profile) {
    struct program program = {.length = 0};
    /* AF_UNIX twice: a profile without sockets compares with a family that does not exist. */
    unsigned family = profile->allow_unix_sockets ? AF_UNIX : AF_MAX + 1u;
    check_architecture(&program);
    if (!mode_has_namespaces(mode)) refuse_shared_objects(&program, family);
    if (!mode_has_namespaces(mode)) refuse_set_id_files(&program);
    if (mode == MODE_RESTRICTED) refuse_scheduling_of_others(&program);
    allow_values(&program, SYS_socket, 0, family, family, EACCES);
    allow_values(&program, SYS_socketpair, 0, family, family, EACCES);
    refuse_bits(&program, SYS_clone, NEW_NAMESPACES, EPERM);
    /* clone3 hides its flags behind a pointer that a filter cannot follow; libraries fall back to clone on ENOSYS. */
    refuse_call(&program, SYS_clone3, ENOSYS);
    allow_values(&program, SYS_personality, 0, 0, 0xffffffff, EPERM);
    /* Only one's own limits: in a user namespace init has the program's user, which is all that the kernel asks. */
    allow_values(&program, SYS_prlimit64, 0, 0, 0, EPERM);
    /* A file in memory lies on no mount that could forbid its execution. */
    if (!profile->allow_execute_written) refuse_call(&program, SYS_memfd_create, EACCES);
    /* Nor is it any process's memory until it is mapped, so only a cgroup counts it. */
    if (!mode_has_namespaces(mode)) refuse_call(&program, SYS_memfd_create, ENOSYS);
    /* Watching and leasing shared files tells of other jobs. */
    refuse_values(&program, SYS_fcntl, 1, F_NOTIFY, F_SETLEASE, EPERM);
    if (profile->allow_fork) refuse_own_filters(&program);
    refuse_values(&program, SYS_ioctl, 1, TIOCSTI, TIOCLINUX, EPERM);
    for (size_t i = 0; i < sizeof refused_calls / sizeof *refused_calls; i++)
        refuse_call(&program, refused_calls[i].number, refused_calls[i].error);
    answer(&program, SECCOMP_RET_ALLOW);
    return install(&program);
}

int seccomp_deny_fork(void) {
    struct program program = {.length = 0};
    statement(&program, BPF_LD | BPF_W | BPF_ABS, FIELD(nr));
    refuse_own_filters(&program);
#ifdef SYS_fork
    refuse_call(&program, SYS_fork, EPERM);
    refuse_call(&program, SYS_vfork, EPERM);
#endif
    jump(&program, BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3);
    statement(&program, BPF_LD | BPF_W | BPF_ABS, ARGUMENT(0));
    jump(&program, BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0);
    answer(&program, REFUSE(EPERM));
    answer(&program, SECCOMP_RET_ALLOW);
    return install(&program);
}

int seccomp_is_active(void) {
    if (prctl(PR_GET_SECCOMP) != SECCOMP_MODE_FILTER) return 0;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) (void)close(fd);
    return fd < 0 && errno == EACCES;
}
