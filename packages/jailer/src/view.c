#include "view.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "nobody.h"
#include "tmpfs.h"

static const char *const devices[] = {"null", "zero", "full", "random", "urandom"};
static const char *const mount_points[] = {"tmp", "proc", "dev", "dev/shm"};
static const struct link device_links[] = {
    {"/proc/self/fd", "dev/fd"},
    {"/proc/self/fd/0", "dev/stdin"},
    {"/proc/self/fd/1", "dev/stdout"},
    {"/proc/self/fd/2", "dev/stderr"},
};

int stage_make(const struct table *table, size_t slot, struct stage *stage, struct failure *failure) {
    char path[128];
    for (size_t i = 0; i < PROFILES_MAX; i++) stage->views[i] = -1;
    (void)snprintf(path, sizeof path, "%s/slot-%zu", table->run_dir, slot);
    if (mkdir(path, 0700) && errno != EEXIST) return failed(failure, STEP_view, "mkdir of the stage");
    SCOPED_FD tmpfs = tmpfs_mount("size=16m,mode=0700", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
    if (tmpfs < 0) return failed(failure, STEP_view, "tmpfs of the stage");
    if (move_mount(tmpfs, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH)) return failed(failure, STEP_view, "mount of the stage");
    stage->fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return stage->fd < 0 ? failed(failure, STEP_view, "open of the stage") : 0;
}

static int make_directories_above(int root, const char *target) {
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s", target + 1);
    for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdirat(root, path, 0755) && errno != EEXIST) return -1;
        *slash = '/';
    }
    return 0;
}

/* Makes every directory above `target` and the target itself, which is a file when the source is one. */
static int make_target(int root, const char *target, int is_directory) {
    struct stat status;
    /* Something of an earlier view may stand there already, on a mount that is read-only by now. */
    if (fstatat(root, target + 1, &status, AT_SYMLINK_NOFOLLOW) == 0) return 0;
    if (make_directories_above(root, target)) return -1;
    if (is_directory) return mkdirat(root, target + 1, 0755);
    int fd = openat(root, target + 1, O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0444);
    return fd < 0 ? -1 : close(fd);
}

static int show(int root, const char *source, const char *target, uint64_t attributes, struct failure *failure) {
    struct stat status;
    struct mount_attr attr = {.attr_set = attributes};
    /* A copy of the mount, detached, so that its flags are set before anybody can see it. */
    SCOPED_FD tree = open_tree(AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW);
    if (tree < 0 || fstat(tree, &status)) return failed(failure, STEP_view, source);
    if (mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr)) return failed(failure, STEP_view, source);
    if (make_target(root, target, S_ISDIR(status.st_mode))) return failed(failure, STEP_view, target);
    if (move_mount(tree, "", root, target + 1, MOVE_MOUNT_F_EMPTY_PATH)) return failed(failure, STEP_view, target);
    return 0;
}

static int show_devices(int root, struct failure *failure) {
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        char path[32];
        (void)snprintf(path, sizeof path, "/dev/%s", devices[i]);
        /* Read-only keeps the node's mode and owner safe; writing to a device is not a write to its filesystem. */
        if (show(root, path, path, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, failure)) return -1;
    }
    for (size_t i = 0; i < sizeof device_links / sizeof *device_links; i++)
        if (symlinkat(device_links[i].text, root, device_links[i].path)) return failed(failure, STEP_view, device_links[i].path);
    return 0;
}

/* Also for a user who may chmod it, the view being read-only when it is used; and for the kernel's root while it is made. */
static int close_path(int root, const struct mask *mask) {
    const char *path = mask->path[1] ? mask->path + 1 : ".";
    if (mask->path[1] && make_target(root, mask->path, mask->kind != MASK_FILE)) return -1;
    return fchmodat(root, path, mask->kind == MASK_LISTING ? 0111 : 0, 0);
}

/* Before anything of the host is shown: all that stands here yet is ours, and no link leads anywhere. */
static int close_masks(int root, const struct profile *profile, struct failure *failure) {
    for (size_t i = 0; i < profile->mask_count; i++)
        if (close_path(root, &profile->masks[i])) return failed(failure, STEP_view, profile->masks[i].path);
    return 0;
}

static int fill_view(int root, const struct profile *profile, struct failure *failure) {
    for (size_t i = 0; i < sizeof mount_points / sizeof *mount_points; i++)
        if (mkdirat(root, mount_points[i], 0755)) return failed(failure, STEP_view, mount_points[i]);
    if (make_target(root, profile->work, 1)) return failed(failure, STEP_view, profile->work);
    if (close_masks(root, profile, failure) || show_devices(root, failure)) return -1;
    for (size_t i = 0; i < profile->view_count; i++) {
        const struct view *view = &profile->views[i];
        uint64_t attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (view->execute ? 0 : MOUNT_ATTR_NOEXEC);
        if (!left_out(STEP_view)) attributes |= MOUNT_ATTR_RDONLY;
        if (show(root, view->source, view->target, attributes, failure)) return -1;
    }
    /* All of them before the first link: one whose text is absolute would lead out to the host. */
    for (size_t i = 0; i < profile->link_count; i++)
        if (make_directories_above(root, profile->links[i].path)) return failed(failure, STEP_view, profile->links[i].path);
    for (size_t i = 0; i < profile->link_count; i++)
        if (symlinkat(profile->links[i].text, root, profile->links[i].path + 1)) return failed(failure, STEP_view, profile->links[i].path);
    return 0;
}

static int seal(int root, uint64_t attributes) {
    struct mount_attr sealed = {.attr_set = MOUNT_ATTR_NOEXEC | attributes};
    return mount_setattr(root, "", AT_EMPTY_PATH, &sealed, sizeof sealed);
}

/* Only a mount that nobody has seen yet can be given away, so a copy takes this one's place; left as it is where the kernel cannot. */
static int replace_by_nobodys(const struct stage *stage, const char *name, int *root) {
    int copy = open_tree(*root, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_EMPTY_PATH);
    if (copy < 0) return -1;
    if (give_to_nobody(copy)) {
        (void)close(copy);
        return seal(*root, MOUNT_ATTR_RDONLY);
    }
    unmount(*root);
    (void)close(*root);
    *root = copy;
    return seal(copy, 0) || move_mount(copy, "", stage->fd, name, MOVE_MOUNT_F_EMPTY_PATH) ? -1 : 0;
}

/*
 * Nobody writes in what holds the view together: its mount is read-only. Where a profile masks the root, who tries is to hear EACCES and not EROFS. So
 * there modes alone say it, of files that no program owns: root's own, or nobody's where they were made by the programs' user.
 */
static int seal_view(const struct stage *stage, const struct table *table, size_t number, const char *name, int *root) {
    if (!profile_masks_listing(&table->profiles[number], "/")) return seal(*root, MOUNT_ATTR_RDONLY);
    if (mode_changes_user(table->mode) || left_out(STEP_view)) return seal(*root, 0);
    return replace_by_nobodys(stage, name, root);
}

static int build_view(struct stage *stage, const struct table *table, size_t number, struct failure *failure) {
    const struct profile *profile = &table->profiles[number];
    char name[24];
    (void)snprintf(name, sizeof name, "view-%zu", number);
    if (mkdirat(stage->fd, name, 0700) && errno != EEXIST) return failed(failure, STEP_view, name);
    /* No job may learn from times of access what the one before it has read. */
    SCOPED_FD tmpfs = tmpfs_mount("size=1m,mode=0755", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOATIME);
    if (tmpfs < 0) return failed(failure, STEP_view, "tmpfs");
    if (move_mount(tmpfs, "", stage->fd, name, MOVE_MOUNT_F_EMPTY_PATH)) return failed(failure, STEP_view, name);
    int root = openat(stage->fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) return failed(failure, STEP_view, name);
    if (fill_view(root, profile, failure) || (seal_view(stage, table, number, name, &root) && failed(failure, STEP_view, "seal"))) {
        unmount(root);
        (void)close(root);
        return -1;
    }
    stage->views[number] = root;
    return 0;
}

int view_copy(struct stage *stage, const struct table *table, size_t profile, struct failure *failure) {
    if (stage->views[profile] < 0 && build_view(stage, table, profile, failure)) return -1;
    int copy = open_tree(stage->views[profile], "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_EMPTY_PATH);
    return copy < 0 ? failed(failure, STEP_view, "copy") : copy;
}
