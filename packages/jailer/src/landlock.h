/* Landlock: the profile's whitelist of paths once more, enforced by the kernel without any mount. */
#ifndef BULLPEN_LANDLOCK_H
#define BULLPEN_LANDLOCK_H

#include "table.h"

/* Highest Landlock ABI of this kernel; 0 when it has none. */
int landlock_abi(void);
/* Confines the calling process, which must have no_new_privs, inside its new root. -1 with errno. */
int landlock_confine(const struct profile *profile);
/* True when the calling process is refused what no rule grants: listing the jail's root. */
int landlock_is_active(void);

#endif
