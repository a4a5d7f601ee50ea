/* Landlock: the profile's whitelist of paths once more, enforced by the kernel without any mount. */
#ifndef BULLPEN_LANDLOCK_H
#define BULLPEN_LANDLOCK_H

#include "table.h"

/* Entries of a process's own directory of /proc that it may read where the jail has no /proc of its own: the directory itself, files, and what lies below fd. */
enum { OWN_PROC_COUNT = 17 };
extern const char *const own_proc[OWN_PROC_COUNT];

/* Highest Landlock ABI of this kernel; 0 when it has none. */
int landlock_abi(void);
/* Confines the calling process, which must have no_new_privs, inside its new root. -1 with errno. */
int landlock_confine(const struct profile *profile);
/* The same where the jail has no mounts of its own: the host's paths, the slot's box and the calling process's own directory of /proc. */
int landlock_confine_on_host(const struct table *table, const struct profile *profile, const struct slot *slot);
/* Puts the calling process into a domain that restricts signals alone: whatever it starts can signal nobody outside. Needs ABI 6. */
int landlock_scope(void);
enum { LANDLOCK_ABI_SCOPE = 6 };
/* True when the calling process is refused what no rule grants: listing the root. */
int landlock_is_active(void);

#endif
