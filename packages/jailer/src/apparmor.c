#include "apparmor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io.h"

enum { LABEL_MAX = 1024 };

static const char label_file[] = "/proc/self/attr/apparmor/current";

static int read_label(int fd, char label[LABEL_MAX]) {
    if (read_text_at(fd, label, LABEL_MAX)) return -1;
    label[strcspn(label, "\n")] = '\0';
    return 0;
}

/*
 * `NAME (enforce)`, or a stack `OUTER//&NAME (enforce)`: the kernel sorts a stack's parts by name, so ours may stand anywhere. It names
 * one mode only when all parts share it.
 */
static int is_enforced(const char *label, const char *name) {
    const char *mode = strrchr(label, ' ');
    size_t wanted = strlen(name);
    if (!mode || strcmp(mode, " (enforce)") != 0) return 0;
    for (const char *part = label, *next; part; part = next ? next + 3 : NULL) {
        next = strstr(part, "//&");
        if ((size_t)((next ? next : mode) - part) == wanted && memcmp(part, name, wanted) == 0) return 1;
    }
    return 0;
}

/*
 * A process under no_new_privs may enter a profile from none, or stack one on its own, but never leave its own. The change is made
 * here and not asked for at exec: so the label can be read back by ourselves, before the program's first instruction.
 */
int apparmor_confine(const struct profile *profile) {
    char label[LABEL_MAX], command[APPARMOR_NAME_MAX + 32];
    SCOPED_FD fd = open(label_file, O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        if (errno == ENOENT) errno = ENOSYS;
        return -1;
    }
    if (read_label(fd, label)) return -1;
    int is_confined = strcmp(label, "unconfined") != 0;
    int length = snprintf(command, sizeof command, "%s %s", is_confined ? "stack" : "changeprofile", profile->apparmor);
    if (write(fd, command, (size_t)length) != length) return -1;
    if (read_label(fd, label)) return -1;
    errno = EPERM;
    return is_enforced(label, profile->apparmor) ? 0 : -1;
}

int apparmor_try(const struct profile *profile, const struct slot *slot) {
    int status;
    pid_t pid = fork();
    if (pid < 0) return -1;
    if (pid == 0) {
        if (setresgid(slot->gid, slot->gid, slot->gid) || setresuid(slot->uid, slot->uid, slot->uid)) _exit(errno);
        _exit(apparmor_confine(profile) ? errno : 0);
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return -1;
    errno = WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
    return errno == 0 ? 0 : -1;
}
