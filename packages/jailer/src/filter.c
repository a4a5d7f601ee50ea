#include "filter.h"

#include <stdint.h>
#include <sys/prctl.h>

void filter_statement(struct program *program, unsigned code, unsigned value) {
    program->code[program->length++] = (struct sock_filter)BPF_STMT((unsigned short)code, value);
}

void filter_jump(struct program *program, unsigned code, unsigned value, unsigned char if_true, unsigned char if_false) {
    program->code[program->length++] = (struct sock_filter)BPF_JUMP((unsigned short)code, value, if_true, if_false);
}

void filter_answer(struct program *program, unsigned verdict) {
    filter_statement(program, BPF_RET | BPF_K, verdict);
}

void filter_refuse_call(struct program *program, int call, int error) {
    filter_jump(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 1);
    filter_answer(program, REFUSE(error));
}

int filter_install(const struct program *program) {
    struct sock_fprog filter = {.len = program->length, .filter = (struct sock_filter *)(uintptr_t)program->code};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}
