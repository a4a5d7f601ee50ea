#include "directory-box.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "box-place.h"
#include "directory-usage.h"
#include "empty-directory.h"
#include "file-user.h"
#include "io.h"

static const char *const directory_names[] = {"work", "tmp"};
enum { DIRECTORIES = sizeof directory_names / sizeof *directory_names };

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
    /* The mode first: the job may have taken its own permission to read. Nobody is at work there any more. */
    int answer = fchmodat(root, name, 0700, 0);
    SCOPED_FD directory = openat(root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory >= 0) answer = empty_directory(directory);
    int error = errno;
    become_keeper();
    errno = error;
    if (answer || directory < 0) return errno == ENOENT ? 0 : -1;
    return unlinkat(root, name, AT_REMOVEDIR);
}

int directory_box_remove_at(const char *path, const struct slot *slot) {
    SCOPED_FD root = open_root(path);
    if (root < 0 || flock(root, LOCK_EX | LOCK_NB)) return -1;
    for (int i = 0; i < DIRECTORIES; i++)
        if (remove_directory(root, directory_names[i], slot)) return -1;
    return rmdir(path);
}

int directory_box_remove(const struct table *table, const struct slot *slot) {
    char path[BOX_PATH_MAX];
    box_path(table, slot, "", path);
    return directory_box_remove_at(path, slot);
}

int directory_box_make(const struct table *table, const struct slot *slot, struct box *box, struct failure *failure) {
    box->is_directory = 1;
    box->table = table;
    box->slot = slot;
    char path[BOX_PATH_MAX];
    box_path(table, slot, "", path);
    box->root = open_root(path);
    if (box->root < 0) return failed(failure, STEP_box, table->boxes);
    /* A jailer that shares the place but not our locks must not take it for a dead one's. */
    if (flock(box->root, LOCK_EX | LOCK_NB)) return failed(failure, STEP_box, "the box is another jailer's");
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
    return box_place_of(box->table, box->slot) != PLACE_SHARED;
}

static void measure_own(const struct box *box, uint64_t files_max, struct directory_usage *usage) {
    *usage = (struct directory_usage){0};
    /* A restricted job shares our user, and may have closed what lies above its directories. */
    (void)!fchmod(box->root, 0711);
    become_slot(box->slot);
    for (int i = 0; i < DIRECTORIES; i++) add_directory_usage(box->root, directory_names[i], files_max, usage);
    become_keeper();
}

int directory_box_open(struct box *box, uint64_t bytes, uint64_t files, struct failure *failure) {
    struct directory_usage before;
    int is_full;
    if (measure_place(box, &before, &is_full)) return failed(failure, STEP_box, "statfs");
    box->bytes_before = box->bytes_seen = before.bytes;
    box->files_before = box->files_seen = before.files;
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
    usage->full = box->is_exceeded || own.bytes >= box->bytes_max || own.files >= box->files_max || own.is_hidden || (is_full && is_alone(box));
    return 0;
}

static uint64_t growth(uint64_t before, uint64_t now) {
    return now > before ? now - before : 0;
}

/* A neighbour that removes its files must not make room for this job's: what is not the job's own is what was there before it. */
static void follow_shrinking(struct box *box, const struct directory_usage *place) {
    struct directory_usage own;
    measure_own(box, box->files_max, &own);
    uint64_t bytes = growth(own.bytes, place->bytes), files = growth(own.files, place->files);
    if (bytes < box->bytes_before) box->bytes_before = bytes;
    if (files < box->files_before) box->files_before = files;
}

int directory_box_is_exceeded(struct box *box) {
    struct directory_usage place, own;
    int is_full;
    if (measure_place(box, &place, &is_full)) return 0;
    if (place.bytes < box->bytes_seen || place.files < box->files_seen) follow_shrinking(box, &place);
    box->bytes_seen = place.bytes;
    box->files_seen = place.files;
    if (!is_full && growth(box->bytes_before, place.bytes) <= box->bytes_max && growth(box->files_before, place.files) <= box->files_max) return 0;
    measure_own(box, box->files_max, &own);
    /* In a place of its own whatever grew is the job's, be it in files that it removed and keeps open. */
    box->is_exceeded = is_alone(box) || own.bytes > box->bytes_max || own.files > box->files_max || own.is_hidden;
    if (is_full && !box->is_exceeded) box->was_starved = 1;
    return box->is_exceeded;
}
