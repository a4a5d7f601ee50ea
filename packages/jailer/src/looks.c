#include "looks.h"

#include "directory-box.h"
#include "io.h"
#include "memory-watch.h"

/* How much a program can take between two looks; counting memory is more work. */
enum { DISK_LOOK_US = 10000, MEMORY_LOOK_US = 50000 };

void start_looks(struct run *run, uint64_t now_us) {
    run->disk_look_us = run->jail->box.is_directory ? now_us + DISK_LOOK_US : UINT64_MAX;
    run->memory_look_us = cgroup_has_memory(&run->host->cgroup) ? UINT64_MAX : now_us + MEMORY_LOOK_US;
}

/* The next look waits the longer the more a look takes. */
static uint64_t next_look(uint64_t began_us, uint64_t pause_us) {
    uint64_t now_us = monotonic_us();
    return now_us + pause_us + 10 * (now_us - began_us);
}

int disk_is_exceeded(struct run *run, uint64_t now_us) {
    if (now_us < run->disk_look_us) return 0;
    int is_exceeded = directory_box_is_exceeded(&run->jail->box);
    run->disk_look_us = next_look(now_us, DISK_LOOK_US);
    return is_exceeded;
}

int memory_is_exceeded(struct run *run, uint64_t now_us) {
    uint64_t limit = run->command->limits[LIMIT_MEMORY];
    if (now_us < run->memory_look_us) return 0;
    uint64_t bytes = memory_in_use(run->host, run->jail, limit);
    if (bytes > run->memory_seen) run->memory_seen = bytes;
    if (bytes > limit) run->memory_exceeded = 1;
    run->memory_look_us = next_look(now_us, MEMORY_LOOK_US);
    return bytes > limit;
}
