import { existsSync, readFileSync } from 'node:fs';

const switchFile = '/sys/module/apparmor/parameters/enabled';

/** Whether this kernel enforces AppArmor profiles. */
export const hasAppArmor = existsSync(switchFile) && readFileSync(switchFile, 'utf8').trim() === 'Y';
