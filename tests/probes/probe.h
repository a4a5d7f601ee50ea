/*
 * Probes: `probe NAME [ARGUMENTS]` tries one thing and says how it went in one line of stdout:
 * `through` (exit 0) or the name of the errno that stopped it (exit 1). 2 means that the probe was called wrongly.
 */
#ifndef PROBE_H
#define PROBE_H

#include <errno.h>

struct probe {
    const char *name;
    int arguments;
    /* 0 or more when the attempt went through, -1 with errno when it was stopped. */
    long (*attempt)(char **arguments);
};

/* Tables end with a probe without a name. */
extern const struct probe file_probes[], network_probes[], process_probes[], kernel_probes[], identity_probes[], ipc_probes[], limit_probes[],
    output_probes[], other_probes[];

/* For attempts that the kernel answers by a value and not by errno. */
static inline long stopped(int error) {
    errno = error;
    return -1;
}

#endif
