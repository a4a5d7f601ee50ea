#include "file-user.h"

#include <sys/fsuid.h>
#include <unistd.h>

#include "die-with-master.h"

void become_slot(const struct slot *slot) {
    (void)setfsgid(slot->gid);
    (void)setfsuid(slot->uid);
}

/* Any change of the file user makes the kernel forget that we die with the master, so that is asked for again. */
void become_keeper(void) {
    uid_t uid = geteuid();
    gid_t gid = getegid();
    (void)setfsuid(uid);
    (void)setfsgid(gid);
    /* A call with an impossible ID changes nothing and tells the present one. */
    if ((uid_t)setfsuid((uid_t)-1) != uid || (gid_t)setfsgid((gid_t)-1) != gid || die_with_master()) _exit(1);
}
