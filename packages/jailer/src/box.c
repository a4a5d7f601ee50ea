#include "box.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "directory-box.h"
#include "io.h"
#include "tmpfs.h"

enum { INODES_OF_OUR_OWN = 1 + BOX_DIRECTORIES };

static const char *const directory_names[BOX_DIRECTORIES] = {"work", "tmp", "shm"};

void box_init(struct box *box) {
    *box = (struct box){.configuration = -1, .root = -1, .work = -1, .trees = {-1, -1, -1}};
}

static int make_directory(struct box *box, const struct profile *profile, const struct slot *slot, int which) {
    const char *name = directory_names[which];
    struct mount_attr attr = {0};
    if (mkdirat(box->root, name, 0700) || fchownat(box->root, name, slot->uid, slot->gid, AT_SYMLINK_NOFOLLOW)) return -1;
    box->trees[which] = open_tree(box->root, name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (box->trees[which] < 0) return -1;
    if (!profile->allow_write && !left_out(STEP_attach_box)) attr.attr_set |= MOUNT_ATTR_RDONLY;
    if (!profile->allow_execute_written && !left_out(STEP_attach_box)) attr.attr_set |= MOUNT_ATTR_NOEXEC;
    return attr.attr_set ? mount_setattr(box->trees[which], "", AT_EMPTY_PATH, &attr, sizeof attr) : 0;
}

int box_make(const struct stage *stage, const struct profile *profile, const struct slot *slot, struct box *box, struct failure *failure) {
    box_init(box);
    if (mkdirat(stage->fd, "box", 0700) && errno != EEXIST) return failed(failure, STEP_box, "mkdir");
    SCOPED_FD mount = tmpfs_mount_keep("size=1m,nr_inodes=64,mode=0711", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, &box->configuration);
    if (mount < 0) return failed(failure, STEP_box, "tmpfs");
    if (move_mount(mount, "", stage->fd, "box", MOVE_MOUNT_F_EMPTY_PATH)) return failed(failure, STEP_box, "mount");
    box->root = openat(stage->fd, "box", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (box->root < 0) return failed(failure, STEP_box, "open");
    for (int i = 0; i < BOX_DIRECTORIES; i++)
        if (make_directory(box, profile, slot, i)) return failed(failure, STEP_box, directory_names[i]);
    box->work = openat(box->root, "work", O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    return box->work < 0 ? failed(failure, STEP_box, "work") : 0;
}

int box_resize(struct box *box, uint64_t bytes, uint64_t files, struct failure *failure) {
    if (box->is_directory) return directory_box_open(box, bytes, files, failure);
    if (tmpfs_resize(box->configuration, bytes, files + INODES_OF_OUR_OWN)) return failed(failure, STEP_box, "size");
    return 0;
}

int box_measure(const struct box *box, struct box_usage *usage, struct failure *failure) {
    struct statfs status;
    if (box->is_directory) return directory_box_measure(box, usage, failure);
    if (fstatfs(box->work, &status)) return failed(failure, STEP_box, "statfs");
    uint64_t files = (uint64_t)(status.f_files - status.f_ffree);
    usage->bytes = (uint64_t)(status.f_blocks - status.f_bfree) * (uint64_t)status.f_bsize;
    usage->files = files > INODES_OF_OUR_OWN ? files - INODES_OF_OUR_OWN : 0;
    usage->full = status.f_bfree == 0 || status.f_ffree == 0;
    return 0;
}

void box_close_trees(struct box *box) {
    for (int i = 0; i < BOX_DIRECTORIES; i++) close_and_forget(&box->trees[i]);
}

void box_destroy(struct box *box) {
    box_close_trees(box);
    close_and_forget(&box->work);
    /* The jail's own mounts died with its namespace; this was the last one, so the kernel frees the files with it. */
    if (box->root >= 0 && !box->is_directory) unmount(box->root);
    close_and_forget(&box->root);
    close_and_forget(&box->configuration);
}
