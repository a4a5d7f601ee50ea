import { readFileSync } from 'node:fs';

/** What workers on one machine have in common and no two machines have: the operator's name for it, else the running kernel's boot id. */
export function readNodeIdentity(configured: string | null): string {
  return configured ?? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
