#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "probe.h"

static const struct probe *find(const char *name) {
    static const struct probe *const tables[] = {file_probes, network_probes, process_probes, kernel_probes,
                                                 identity_probes, ipc_probes, limit_probes, output_probes};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const struct probe *probe = tables[i]; probe->name; probe++)
            if (strcmp(probe->name, name) == 0) return probe;
    return NULL;
}

int main(int count, char **words) {
    const struct probe *probe = count < 2 ? NULL : find(words[1]);
    if (!probe || count - 2 != probe->arguments) {
        (void)fprintf(stderr, "probe: unknown name, or not its number of arguments\n");
        return 2;
    }
    int went = probe->attempt(words + 2) >= 0;
    const char *name = went ? "through" : strerrorname_np(errno);
    (void)printf("%s\n", name ? name : "unknown errno");
    return went ? 0 : 1;
}
