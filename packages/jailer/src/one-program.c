#include "one-program.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "seccomp.h"

/* Addresses that every machine has: below 2^38. With 34 random bits in each of three, nobody hits them by trying. */
enum { PAGE_BITS = 12, ADDRESS_BITS = 38, OFFSET_MASK = 0xff0, ATTEMPTS = 64 };

static void *random_place(size_t size) {
    uint64_t random;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (getrandom(&random, sizeof random, 0) != sizeof random) return NULL;
        size_t offset = random & OFFSET_MASK;
        uintptr_t base = (random >> PAGE_BITS & ((1ull << (ADDRESS_BITS - PAGE_BITS)) - 1)) << PAGE_BITS;
        base &= ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1);
        char *place = mmap((void *)base, offset + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
        if (place != MAP_FAILED) return place + offset;
    }
    return NULL;
}

static char **move_list(char **list) {
    size_t count = 1;
    while (list[count - 1]) count++;
    char **moved = random_place(count * sizeof *list);
    return moved ? memcpy(moved, list, count * sizeof *list) : NULL;
}

int one_program_confine(struct program_call *call) {
    *call = (struct program_call){random_place(PATH_MAX), move_list(call->arguments), move_list(call->environment)};
    if (!call->path || !call->arguments || !call->environment) return -1;
    const uint64_t addresses[EXEC_ARGUMENTS] = {(uintptr_t)call->path, (uintptr_t)call->arguments, (uintptr_t)call->environment};
    if (seccomp_allow_exec_of(addresses)) return -1;
    /* Read back: without the filter there is no such file. */
    if (execve("", call->arguments, call->environment) == 0 || errno == EACCES) return 0;
    errno = EPERM;
    return -1;
}
