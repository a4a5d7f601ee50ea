import type { ProfileInput } from '../profile.ts';

type ViewInput = ProfileInput['view'];

/**
 * What the general profiles show of the host: its programs and libraries, and no configuration but what those need to find each other.
 * Nothing of /etc/passwd, /home, /root, /var, /run or /sys; the jailer makes /proc, /dev, /tmp and /work itself.
 */
export const systemView: ViewInput = [
  { source: '/usr/bin', access: 'execute' },
  { source: '/usr/lib', access: 'execute' },
  { source: '/usr/lib32', access: 'execute', optional: true },
  { source: '/usr/lib64', access: 'execute', optional: true },
  { source: '/usr/libexec', access: 'execute', optional: true },
  { source: '/usr/local/bin', access: 'execute', optional: true },
  { source: '/usr/local/lib', access: 'execute', optional: true },
  { source: '/usr/local/lib64', access: 'execute', optional: true },
  { source: '/usr/share/zoneinfo', access: 'read', optional: true },
  // Debian's links from a command's name to the version chosen by the administrator.
  { source: '/etc/alternatives', access: 'read', optional: true },
  { source: '/etc/ld.so.cache', access: 'read', optional: true },
];

/** Headers, for the compilers. */
export const headersView: ViewInput = [
  { source: '/usr/include', access: 'read' },
  { source: '/usr/local/include', access: 'read', optional: true },
];
