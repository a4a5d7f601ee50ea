#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe.h"

static const struct probe *find(const char *name) {
    static const struct probe *const tables[] = {file_probes, network_probes, process_probes, kernel_probes,
                                                 identity_probes, ipc_probes, limit_probes, output_probes, other_probes};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const struct probe *probe = tables[i]; probe->name; probe++)
            if (strcmp(probe->name, name) == 0) return probe;
    return NULL;
}

/* `$HOME/a` and `$TMPDIR/a` name the jail's own directories, wherever they are, and `$SELF` this process. */
static char *expand(char *word) {
    static const char *const variables[] = {"HOME", "TMPDIR"};
    static char self[16];
    if (strcmp(word, "$SELF") == 0) {
        (void)snprintf(self, sizeof self, "%d", (int)getpid());
        return self;
    }
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        size_t length = strlen(variables[i]);
        const char *value = getenv(variables[i]);
        char *path;
        if (word[0] != '$' || strncmp(word + 1, variables[i], length) != 0 || !value) continue;
        return asprintf(&path, "%s%s", value, word + 1 + length) < 0 ? word : path;
    }
    return word;
}

int main(int count, char **words) {
    const struct probe *probe = count < 2 ? NULL : find(words[1]);
    if (!probe || count - 2 != probe->arguments) {
        (void)fprintf(stderr, "probe: unknown name, or not its number of arguments\n");
        return 2;
    }
    for (int i = 2; i < count; i++) words[i] = expand(words[i]);
    int went = probe->attempt(words + 2) >= 0;
    const char *name = went ? "through" : strerrorname_np(errno);
    (void)printf("%s\n", name ? name : "unknown errno");
    return went ? 0 : 1;
}
