/* One jail, as its keeper sees it: made ahead for a profile, opened for a job, destroyed with it. */
#ifndef BULLPEN_JAIL_H
#define BULLPEN_JAIL_H

#include "box.h"
#include "cgroup.h"
#include "forker.h"
#include "view.h"

/* What a keeper makes jails from. */
struct slot_host {
    const struct table *table;
    size_t number;
    const struct slot *slot;
    struct stage stage;
    struct cgroup cgroup;
    struct forker forker;
    uint64_t namespaces[NAMESPACE_COUNT];
};

struct jail {
    size_t profile;
    struct box box;
    int control; /* socket to init */
    pid_t init;
    int init_fd;
    int landlock_abi;
    char namespaces[48];
    int lost_to_memory;     /* the job's own memory left no room for init or the next command */
    uint64_t memory_before; /* charged to the slot when the jail was opened: file cache of earlier jobs */
};

/* Makes a jail that waits for its job: everything that does not depend on the job. */
int jail_prepare(struct slot_host *host, size_t profile, struct jail *jail, struct failure *failure);
/* Gives a prepared jail the job's sizes. */
int jail_open(struct slot_host *host, struct jail *jail, uint64_t disk_bytes, uint64_t disk_files, struct failure *failure);
/* Kills init and with it every process, waits for the kernel to have done so, and drops the box. */
void jail_destroy(struct slot_host *host, struct jail *jail);
/* The first half of that: the processes. The box stays, for collecting. */
void jail_kill(struct slot_host *host, struct jail *jail);
/* Waits for init's next report, at most `milliseconds`; a report of failure or the end of init is a failure here. */
int jail_await_report(const struct jail *jail, struct init_report *report, int milliseconds, struct failure *failure);

/* Proves that nothing of a job is left: no process of the slot's user or in its cgroup, no keys. -1 with what was found. */
int prove_empty(const struct slot_host *host, struct failure *failure);

#endif
