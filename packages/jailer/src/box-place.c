#include "box-place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* By number of slot. */
static unsigned char places[SLOTS_MAX];

static int has_compiler(const struct table *table) {
    for (size_t profile = 0; profile < table->profile_count; profile++)
        if (table->profiles[profile].allow_execute_written) return 1;
    return 0;
}

static const char *complaint(const struct table *table, const struct stat *boxes) {
    struct statvfs place;
    if (statvfs(table->boxes, &place)) return strerror(errno);
    /* Its programs, of the same user, could close it for every job after them: Landlock says nothing about modes. */
    if (table->mode == MODE_RESTRICTED && boxes->st_uid == geteuid()) return "belongs to the jailer's own user: it must be another's, and writable for all (mode 1777)";
    if (place.f_flag & ST_NOEXEC && has_compiler(table)) return "is mounted noexec, and a profile executes what it wrote: mount it with exec, or leave such profiles out";
    return NULL;
}

int box_places_find(const struct table *table, char *problem, size_t problem_size) {
    struct stat boxes, other;
    char path[BOX_PATH_MAX];
    if (!table->boxes) return 0;
    const char *complains = stat(table->boxes, &boxes) ? strerror(errno) : complaint(table, &boxes);
    if (complains) {
        (void)snprintf(problem, problem_size, "the place of the boxes %s %s", table->boxes, complains);
        return -1;
    }
    (void)snprintf(path, sizeof path, "%s/..", table->boxes);
    /* Sticky directories, /dev/shm for instance, are everybody's. */
    if (table->slot_count == 1 && !(boxes.st_mode & S_ISVTX) && stat(path, &other) == 0 && other.st_dev != boxes.st_dev) places[0] = PLACE_OWN;
    for (size_t slot = 0; slot < table->slot_count; slot++) {
        (void)snprintf(path, sizeof path, "%s/%zu", table->boxes, slot);
        if (lstat(path, &other) == 0 && S_ISDIR(other.st_mode) && other.st_dev != boxes.st_dev) places[slot] = PLACE_OWN_BELOW;
    }
    return 0;
}

enum place box_place_of(const struct table *table, const struct slot *slot) {
    return (enum place)places[slot - table->slots];
}

void box_path(const struct table *table, const struct slot *slot, const char *name, char path[BOX_PATH_MAX]) {
    char number[8] = "";
    if (box_place_of(table, slot) == PLACE_OWN_BELOW) (void)snprintf(number, sizeof number, "/%d", (int)(slot - table->slots));
    (void)snprintf(path, BOX_PATH_MAX, "%s%s/bullpen-box-%u%s%s", table->boxes, number, slot->uid, *name ? "/" : "", name);
}
