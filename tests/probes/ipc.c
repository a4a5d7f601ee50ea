#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

static key_t key(char **a) { return (key_t)atol(a[0]); }
static long make_shared_memory(char **a) { return shmget(key(a), 4096, IPC_CREAT | IPC_EXCL | 0666); }
static long find_shared_memory(char **a) { return shmget(key(a), 0, 0); }
static long make_messages(char **a) { return msgget(key(a), IPC_CREAT | IPC_EXCL | 0666); }
static long find_messages(char **a) { return msgget(key(a), 0); }
static long make_semaphores(char **a) { return semget(key(a), 1, IPC_CREAT | IPC_EXCL | 0666); }
static long find_semaphores(char **a) { return semget(key(a), 0, 0); }

static long make_queue(char **a) {
    struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = 16};
    return mq_open(a[0], O_RDWR | O_CREAT | O_EXCL, 0666, &attributes);
}
static long find_queue(char **a) { return mq_open(a[0], O_RDONLY); }
static long make_posix_memory(char **a) { return shm_open(a[0], O_RDWR | O_CREAT | O_EXCL, 0666); }
static long find_posix_memory(char **a) { return shm_open(a[0], O_RDONLY, 0); }

static long share_memory_with_child(char **a) {
    volatile int *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status;
    (void)a;
    if (shared == MAP_FAILED) return -1;
    pid_t child = fork();
    if (child == 0) {
        *shared = 1;
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) return -1;
    return *shared ? 0 : stopped(EIO);
}

const struct probe ipc_probes[] = {
    {"shm-make", 1, make_shared_memory}, {"shm-find", 1, find_shared_memory}, {"msg-make", 1, make_messages}, {"msg-find", 1, find_messages},
    {"sem-make", 1, make_semaphores}, {"sem-find", 1, find_semaphores}, {"mq-make", 1, make_queue}, {"mq-find", 1, find_queue},
    {"posix-shm-make", 1, make_posix_memory}, {"posix-shm-find", 1, find_posix_memory}, {"share-memory-with-child", 0, share_memory_with_child}, {0},
};
