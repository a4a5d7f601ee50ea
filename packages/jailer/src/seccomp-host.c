#include "seccomp-host.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "seccomp-calls.h"

/* `call` is refused unless its argument is 0, which stands for the calling process; further pieces may ask about the same call. */
static void require_zero(struct program *program, int call, unsigned argument) {
    filter_jump(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 4);
    filter_statement(program, BPF_LD | BPF_W | BPF_ABS, ARGUMENT(argument));
    filter_jump(program, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
    filter_answer(program, REFUSE(EPERM));
    filter_statement(program, BPF_LD | BPF_W | BPF_ABS, FIELD(nr));
}

/* Any socket answers what interfaces and addresses there are. */
static void refuse_network_questions(struct program *program) {
    enum { FIRST = 0x8900, LAST = 0x89ff };
    filter_jump(program, BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 5);
    filter_statement(program, BPF_LD | BPF_W | BPF_ABS, ARGUMENT(1));
    filter_jump(program, BPF_JMP | BPF_JGE | BPF_K, FIRST, 0, 2);
    filter_jump(program, BPF_JMP | BPF_JGT | BPF_K, LAST, 1, 0);
    filter_answer(program, REFUSE(EACCES));
    filter_statement(program, BPF_LD | BPF_W | BPF_ABS, FIELD(nr));
}

/*
 * Without namespaces the host's sockets, queues and shared memory are in reach: of sockets only pairs are left, of those only connected
 * kinds, since a pair of datagram sockets can be connected to another address.
 */
static void refuse_shared_objects(struct program *program, unsigned family) {
    /* System V's by all their calls: a number that somebody else was given opens an object as well. */
    static const int calls[] = {SYS_socket, SYS_connect, SYS_shmget, SYS_shmat, SYS_shmdt, SYS_shmctl, SYS_semget, SYS_semop, SYS_semtimedop, SYS_semctl,
                                SYS_msgget, SYS_msgsnd, SYS_msgrcv, SYS_msgctl, SYS_mq_open, SYS_mq_unlink, SYS_bind, SYS_listen};
    /* Landlock says nothing about attributes. */
    static const int attributes[] = {SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr, CALL_setxattrat, SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr, CALL_removexattrat};
    enum { KIND = 0xf };
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) filter_refuse_call(program, calls[i], EACCES);
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) filter_refuse_call(program, attributes[i], ENOTSUP);
    refuse_network_questions(program);
    filter_jump(program, BPF_JMP | BPF_JEQ | BPF_K, SYS_socketpair, 0, 8);
    filter_statement(program, BPF_LD | BPF_W | BPF_ABS, ARGUMENT(0));
    filter_jump(program, BPF_JMP | BPF_JEQ | BPF_K, family, 0, 5);
    filter_statement(program, BPF_LD | BPF_W | BPF_ABS, ARGUMENT(1));
    filter_statement(program, BPF_ALU | BPF_AND | BPF_K, KIND);
    filter_jump(program, BPF_JMP | BPF_JEQ | BPF_K, SOCK_STREAM, 1, 0);
    filter_jump(program, BPF_JMP | BPF_JEQ | BPF_K, SOCK_SEQPACKET, 0, 1);
    filter_answer(program, SECCOMP_RET_ALLOW);
    filter_answer(program, REFUSE(EACCES));
}

enum { SET_ID = 06000, CREATES = O_CREAT | (O_TMPFILE & ~O_DIRECTORY) };

/* `call` is refused when its argument has any of `bits`; further pieces may ask about the same call. */
static void refuse_mode(struct program *program, int call, unsigned argument) {
    filter_jump(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 4);
    filter_statement(program, BPF_LD | BPF_W | BPF_ABS, ARGUMENT(argument));
    filter_jump(program, BPF_JMP | BPF_JSET | BPF_K, SET_ID, 0, 1);
    filter_answer(program, REFUSE(EPERM));
    filter_statement(program, BPF_LD | BPF_W | BPF_ABS, FIELD(nr));
}

/* The mode of a call that opens is any number, unless its flags, in the argument before, say that it makes a file. */
static void refuse_mode_of_new(struct program *program, int call, unsigned argument) {
    filter_jump(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 6);
    filter_statement(program, BPF_LD | BPF_W | BPF_ABS, ARGUMENT(argument - 1));
    filter_jump(program, BPF_JMP | BPF_JSET | BPF_K, CREATES, 0, 3);
    filter_statement(program, BPF_LD | BPF_W | BPF_ABS, ARGUMENT(argument));
    filter_jump(program, BPF_JMP | BPF_JSET | BPF_K, SET_ID, 0, 1);
    filter_answer(program, REFUSE(EPERM));
    filter_statement(program, BPF_LD | BPF_W | BPF_ABS, FIELD(nr));
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
    filter_refuse_call(program, SYS_openat2, ENOSYS);
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
    filter_refuse_call(program, SYS_ioprio_set, EPERM);
}

void seccomp_refuse_host(struct program *program, enum jailer_mode mode, unsigned family) {
    refuse_shared_objects(program, family);
    refuse_set_id_files(program);
    if (mode == MODE_RESTRICTED) refuse_scheduling_of_others(program);
    /* A file in memory is no process's memory until it is mapped, so only a cgroup would count it. */
    filter_refuse_call(program, SYS_memfd_create, ENOSYS);
}
