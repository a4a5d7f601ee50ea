#include "layers.h"

#include <stdio.h>

static void add_layer(struct frame_writer *writer, const char *name, const char *detail) {
    char text[192];
    (void)snprintf(text, sizeof text, "%s=%s", name, detail);
    frame_string(writer, FIELD_LAYER, text);
}

void add_layers(struct frame_writer *writer, const struct slot_host *host, const struct jail *jail) {
    const struct cgroup *cgroup = &host->cgroup;
    char text[APPARMOR_NAME_MAX + 16];
    enum jailer_mode mode = host->table->mode;
    const char *whose = mode == MODE_RESTRICTED ? " which is the worker's" : "";
    (void)snprintf(text, sizeof text, "uid %u%s, no groups, no capabilities, no_new_privs", host->slot->uid, whose);
    add_layer(writer, "identity", text);
    add_layer(writer, "rlimits", "cpu,as,fsize,nproc,nofile,stack,core,memlock");
    (void)snprintf(text, sizeof text, "%s%s", jail->namespaces, mode == MODE_USERNS ? ",user" : "");
    if (mode_has_namespaces(mode)) add_layer(writer, "namespaces", text);
    if (mode == MODE_CLASSIC) add_layer(writer, "classic", "own directory, processes killed by user");
    if (mode == MODE_RESTRICTED) add_layer(writer, "restricted", "own directory, signals scoped by landlock");
    if (jail->landlock_abi > 0) {
        (void)snprintf(text, sizeof text, "abi %d", jail->landlock_abi);
        add_layer(writer, "landlock", text);
    }
    add_layer(writer, "seccomp", "filter");
    const char *apparmor = host->table->profiles[jail->profile].apparmor;
    if (apparmor) {
        (void)snprintf(text, sizeof text, "%s (enforce)", apparmor);
        add_layer(writer, "apparmor", text);
    }
    if (!cgroup->version) return;
    int length = snprintf(text, sizeof text, "%s%s%s%s", cgroup->version->name, cgroup_has_memory(cgroup) ? " memory" : "",
                          cgroup_has_pids(cgroup) ? " pids" : "", cgroup_has_cpu(cgroup) ? " cpu" : "");
    uint64_t milli = host->table->cpu_milli;
    if (milli) (void)snprintf(text + length, sizeof text - (size_t)length, " (%u.%03u processors)", (unsigned)(milli / 1000), (unsigned)(milli % 1000));
    add_layer(writer, "cgroup", text);
}
