/* The processes of the host, as far as /proc shows them, and who descends from whom. */
#ifndef BULLPEN_PROCESS_TREE_H
#define BULLPEN_PROCESS_TREE_H

#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct process {
    pid_t pid, parent;
    char state; /* as proc(5) says: T stopped, Z ended */
    uint64_t resident_bytes;
    uint64_t cpu_us; /* its own, and that of the children whose end it has awaited */
    int is_below; /* set by process_tree_mark_below */
};

enum { PROCESS_TREE_MAX = 8192 };
#define EVERY_USER ((uid_t)-1)

/* Reads one process by its directory, as seen from an open /proc; -1 when it has ended. */
int process_read(int proc, const char *name, struct process *process);
/* Reads the processes of a user from an open /proc into the one list that there is; returns their number. */
size_t process_tree_read(DIR *proc, uid_t user, const struct process **list);
/* Marks those that descend from `root`, but not those of `spared` and what descends from them. */
void process_tree_mark_below(size_t count, pid_t root, const pid_t *spared, size_t spared_count);
/* Marks all. */
void process_tree_mark_all(size_t count);

#endif
