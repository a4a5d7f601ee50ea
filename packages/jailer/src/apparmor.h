/* AppArmor: the profile's whitelist a third time, by the kernel's other path-based guard. */
#ifndef BULLPEN_APPARMOR_H
#define BULLPEN_APPARMOR_H

#include "table.h"

/*
 * Puts the calling process, which must have lost its privileges, under the profile's AppArmor profile at once and for good, and
 * reads the label back: anything but that profile in enforce mode is a failure. -1 with errno (ENOENT: not loaded, EPERM: in
 * complain mode or not entered, ENOSYS: a kernel without AppArmor).
 */
int apparmor_confine(const struct profile *profile);
/* Tries that in a process of its own. */
int apparmor_try(const struct profile *profile, const struct slot *slot);

#endif
