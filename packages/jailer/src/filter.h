/* A seccomp program under construction: a list of self-contained pieces, each of which answers its calls or falls through to the next. */
#ifndef BULLPEN_FILTER_H
#define BULLPEN_FILTER_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>

enum { PROGRAM_MAX = 512 };

struct program {
    struct sock_filter code[PROGRAM_MAX];
    unsigned short length;
};

#define FIELD(name) ((unsigned)offsetof(struct seccomp_data, name))
/* Low half of an argument on little-endian machines; the kernel takes these arguments as 32-bit values. */
#define ARGUMENT(n) ((unsigned)offsetof(struct seccomp_data, args[n]))
#define REFUSE(error) (SECCOMP_RET_ERRNO | (unsigned)(error))

void filter_statement(struct program *program, unsigned code, unsigned value);
void filter_jump(struct program *program, unsigned code, unsigned value, unsigned char if_true, unsigned char if_false);
void filter_answer(struct program *program, unsigned verdict);
void filter_refuse_call(struct program *program, int call, int error);

/* Makes a program the calling process's filter, which must have no_new_privs. -1 with errno. */
int filter_install(const struct program *program);

#endif
