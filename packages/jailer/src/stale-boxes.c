#include "stale-boxes.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "directory-box.h"
#include "uid-lock.h"

static void remove_if_stale(const char *path, uid_t uid) {
    const struct slot slot = {.uid = uid, .gid = uid};
    int lock = uid_lock_borrow(uid);
    if (lock < 0) return;
    (void)directory_box_remove_at(path, &slot);
    uid_lock_return(uid, lock);
}

static void remove_stale_below(const char *place) {
    static const char prefix[] = "bullpen-box-";
    char path[BOX_PATH_MAX];
    uint64_t uid;
    DIR *entries = opendir(place);
    if (!entries) return;
    for (const struct dirent *entry; (entry = readdir(entries));) {
        if (strncmp(entry->d_name, prefix, sizeof prefix - 1) != 0 || parse_number(entry->d_name + sizeof prefix - 1, INT32_MAX, &uid)) continue;
        (void)snprintf(path, sizeof path, "%s/%s%" PRIu64, place, prefix, uid);
        remove_if_stale(path, (uid_t)uid);
    }
    (void)closedir(entries);
}

void stale_boxes_remove(const struct table *table) {
    char place[BOX_PATH_MAX];
    /* Without locks nobody can tell what is stale. */
    if (!table->uid_locks || table->mode != MODE_CLASSIC) return;
    remove_stale_below(table->boxes);
    for (size_t slot = 0; slot < table->slot_count; slot++) {
        if (box_place_of(table, &table->slots[slot]) != PLACE_OWN_BELOW) continue;
        (void)snprintf(place, sizeof place, "%s/%zu", table->boxes, slot);
        remove_stale_below(place);
    }
}
