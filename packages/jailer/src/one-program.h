/* For profiles whose commands start no program but their own: the one call of execve that the kernel lets through. */
#ifndef BULLPEN_ONE_PROGRAM_H
#define BULLPEN_ONE_PROGRAM_H

#include <limits.h>

/* What execve is called with. */
struct program_call {
    char *path; /* room for PATH_MAX characters */
    char **arguments, **environment;
};

/*
 * Moves the call's path and lists to places that nobody can guess, and lets execve through for these three addresses alone: once the program
 * runs, they are forgotten. Every other execve, and every execveat, answers EACCES. -1 with errno.
 */
int one_program_confine(struct program_call *call);

#endif
