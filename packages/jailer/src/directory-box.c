#include "directory-box.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "directory-usage.h"
#include "empty-directory.h"
#include "file-user.h"
#include "io.h"
#include "uid-lock.h"

static const char *const directory_names[] = {"work", "tmp"};
enum { DIRECTORIES = sizeof directory_names / sizeof *directory_names };

/* SHARED: with other slots, or with whoever else may write there. OWN: a filesystem is mounted at BOXES, or at BOXES/NUMBER. */
enum place { PLACE_SHARED, PLACE_OWN, PLACE_OWN_BELOW };

/* By number of slot. */
static unsigned char places[SLOTS_MAX];

void directory_box_find_places(const struct table *table) {
    struct stat boxes, other;
    char path[BOX_PATH_MAX];
    if (!table->boxes || stat(table->boxes, &boxes)) return;
    (void)snprintf(path, sizeof path, "%s/..", table->boxes);
    /* Sticky directories, /dev/shm for instance, are everybody's. */
    if (table->slot_count == 1 && !(boxes.st_mode & S_ISVTX) && stat(path, &other) == 0 && other.st_dev != boxes.st_dev) places[0] = PLACE_OWN;
    for (size_t slot = 0; slot < table->slot_count; slot++) {
        (void)snprintf(path, sizeof path, "%s/%zu", table->boxes, slot);
        if (lstat(path, &other) == 0 && S_ISDIR(other.st_mode) && other.st_dev != boxes.st_dev) places[slot] = PLACE_OWN_BELOW;
    }
}

/* That of a UID which the table does not have is a killed jailer's. */
static enum place place_of(const struct table *table, uid_t uid) {
    for (size_t slot = 0; slot < table->slot_count; slot++)
        if (table->slots[slot].uid == uid) return (enum place)places[slot];
    return PLACE_SHARED;
}

void directory_box_path(const struct table *table, const struct slot *slot, const char *name, char path[BOX_PATH_MAX]) {
    char number[8] = "";
    if (place_of(table, slot->uid) == PLACE_OWN_BELOW) (void)snprintf(number, sizeof number, "/%d", (int)(slot - table->slots));
    (void)snprintf(path, BOX_PATH_MAX, "%s%s/bullpen-box-%u%s%s", table->boxes, number, slot->uid, *name ? "/" : "", name);
}

/* Others may write in the place, /dev/shm for instance: what stands there under our name must be ours. */
static int open_root(const char *path) {
    struct stat status;
    if (mkdir(path, 0711) && errno != EEXIST) return -1;
    if (lstat(path, &status)) return -1;
    errno = EPERM;
    if (!S_ISDIR(status.st_mode) || status.st_uid != geteuid()) return -1;
    /* Not left to the umask, nor to a restricted job, which shares our user. */
    if (chmod(path, 0711)) return -1;
    return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int remove_directory(int root, const char *name, const struct slot *slot) {
    become_slot(slot);
    /* The mode first: the job may have taken its own permission to read. */
    int answer = fchmodat(root, name, 0700, 0);
    SCOPED_FD directory = openat(root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory >= 0) answer = empty_directory(directory);
    int error = errno;
    become_keeper();
    errno = error;
    if (answer || directory < 0) return errno == ENOENT ? 0 : -1;
    return unlinkat(root, name, AT_REMOVEDIR);
}

static int remove_box(const char *path, const struct slot *slot) {
    SCOPED_FD root = open_root(path);
    if (root < 0) return -1;
    for (int i = 0; i < DIRECTORIES; i++)
        if (remove_directory(root, directory_names[i], slot)) return -1;
    return rmdir(path);
}

int directory_box_remove(const struct table *table, const struct slot *slot) {
    char path[BOX_PATH_MAX];
    directory_box_path(table, slot, "", path);
    return remove_box(path, slot);
}

static void remove_if_stale(const char *path, uid_t uid) {
    const struct slot slot = {.uid = uid, .gid = uid};
    int lock = uid_lock_borrow(uid);
    if (lock < 0) return;
    (void)remove_box(path, &slot);
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

void directory_box_remove_stale(const struct table *table) {
    char place[BOX_PATH_MAX];
    /* Without locks nobody can tell what is stale. */
    if (!table->uid_locks || table->mode != MODE_CLASSIC) return;
    remove_stale_below(table->boxes);
    for (size_t slot = 0; slot < table->slot_count; slot++) {
        if (places[slot] != PLACE_OWN_BELOW) continue;
        (void)snprintf(place, sizeof place, "%s/%zu", table->boxes, slot);
        remove_stale_below(place);
    }
}

int directory_box_make(const struct table *table, const struct slot *slot, struct box *box, struct failure *failure) {
    box->is_directory = 1;
    box->table = table;
    box->slot = slot;
    char path[BOX_PATH_MAX];
    directory_box_path(table, slot, "", path);
    box->root = open_root(path);
    if (box->root < 0) return failed(failure, STEP_box, table->boxes);
    for (int i = 0; i < DIRECTORIES; i++) {
        const char *name = directory_names[i];
        if (mkdirat(box->root, name, 0700)) return failed(failure, STEP_box, name);
        if (mode_changes_user(table->mode) && fchownat(box->root, name, slot->uid, slot->gid, AT_SYMLINK_NOFOLLOW)) return failed(failure, STEP_box, name);
    }
    box->work = openat(box->root, "work", O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    return box->work < 0 ? failed(failure, STEP_box, "work") : 0;
}

/* What all users of the place take of it; a filesystem without a number of files says 0. */
static int measure_place(const struct box *box, struct directory_usage *usage, int *is_full) {
    struct statfs status;
    if (fstatfs(box->root, &status)) return -1;
    usage->bytes = (uint64_t)(status.f_blocks - status.f_bfree) * (uint64_t)status.f_bsize;
    usage->files = (uint64_t)(status.f_files - status.f_ffree);
    *is_full = status.f_bavail == 0 || (status.f_files > 0 && status.f_ffree == 0);
    return 0;
}

static int is_alone(const struct box *box) {
    return place_of(box->table, box->slot->uid) != PLACE_SHARED;
}

static void measure_own(const struct box *box, uint64_t files_max, struct directory_usage *usage) {
    *usage = (struct directory_usage){0};
    become_slot(box->slot);
    for (int i = 0; i < DIRECTORIES; i++) add_directory_usage(box->root, directory_names[i], files_max, usage);
    become_keeper();
}

int directory_box_open(struct box *box, uint64_t bytes, uint64_t files, struct failure *failure) {
    struct directory_usage before;
    int is_full;
    if (measure_place(box, &before, &is_full)) return failed(failure, STEP_box, "statfs");
    box->bytes_before = before.bytes;
    box->files_before = before.files;
    box->bytes_max = bytes;
    box->files_max = files;
    box->was_starved = box->is_exceeded = 0;
    return 0;
}

int directory_box_measure(const struct box *box, struct box_usage *usage, struct failure *failure) {
    struct directory_usage own, place;
    int is_full;
    if (measure_place(box, &place, &is_full)) return failed(failure, STEP_box, "statfs");
    measure_own(box, UINT64_MAX, &own);
    usage->bytes = own.bytes;
    usage->files = own.files;
    usage->full = box->is_exceeded || own.bytes >= box->bytes_max || own.files >= box->files_max || own.is_too_deep || (is_full && is_alone(box));
    return 0;
}

static uint64_t growth(uint64_t before, uint64_t now) {
    return now > before ? now - before : 0;
}

int directory_box_is_exceeded(struct box *box) {
    struct directory_usage place, own;
    int is_full;
    if (measure_place(box, &place, &is_full)) return 0;
    if (!is_full && growth(box->bytes_before, place.bytes) <= box->bytes_max && growth(box->files_before, place.files) <= box->files_max) return 0;
    measure_own(box, box->files_max, &own);
    /* In a place of its own whatever grew is the job's, be it in files that it removed and keeps open. */
    box->is_exceeded = is_alone(box) || own.bytes > box->bytes_max || own.files > box->files_max || own.is_too_deep;
    if (is_full && !box->is_exceeded) box->was_starved = 1;
    return box->is_exceeded;
}
