import type { ProfileInput } from '../profile.ts';
import { interpretedConfinement, standardCeilings, standardDefaults } from './standard-limits.ts';
import { systemView } from './system-view.ts';

/** Configuration and data of the scientific packages, fonts among them; each where its distribution puts it. */
const scientificData = [
  '/etc/fonts',
  '/etc/matplotlibrc',
  '/usr/share/fonts',
  '/usr/share/fontconfig',
  '/usr/share/matplotlib',
  '/usr/share/texmf/fonts',
  '/usr/local/share/fonts',
];

/** What its programs are used to find and not be let into. */
const masked = [
  '/',
  '/boot/',
  '/dev/shm/',
  '/etc/',
  '/etc/fstab',
  '/etc/group',
  '/etc/gshadow',
  '/etc/hostname',
  '/etc/hosts',
  '/etc/machine-id',
  '/etc/passwd',
  '/etc/resolv.conf',
  '/etc/shadow',
  '/etc/ssh/',
  '/etc/ssl/',
  '/etc/sudoers',
  '/home/',
  '/media/',
  '/mnt/',
  '/opt/',
  '/proc/',
  '/root/',
  '/run/',
  '/srv/',
  '/sys/',
  '/tmp/',
  '/usr/',
  '/usr/include/',
  '/usr/local/',
  '/usr/sbin/',
  '/usr/share/',
  '/usr/src/',
  '/var/',
] as const;

/**
 * Python as users of codejail know it: the worker's packages, a directory `tmp` of the work directory for temporary files, and everything
 * outside that directory closed: EACCES, not ENOENT.
 */
export const codejail = {
  name: 'codejail',
  version: 1,
  summary: 'Python 3 as in codejail: all but its own directory is closed',
  toolchain: { title: 'Python', programs: ['/usr/bin/python3', '/usr/local/bin/python3'] },
  view: [...systemView, ...scientificData.map((source) => ({ source, access: 'read' as const, optional: true }))],
  masked: [...masked],
  env: {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: '/work',
    LANG: 'C.UTF-8',
    // Relative, as there: of the work directory, wherever that is shown.
    TMPDIR: 'tmp',
    MPLCONFIGDIR: 'tmp',
    PYTHONDONTWRITEBYTECODE: '1',
    // One thread each: more of them only take turns on the processor of one slot, and count as processes.
    OPENBLAS_NUM_THREADS: '1',
    OMP_NUM_THREADS: '1',
  },
  recipe: [{ argv: ['python3', '-B', '{entry}', '{args}'], takesStdin: true }],
  defaults: {
    ...standardDefaults,
    wallTimeMs: 1000,
    cpuTimeMs: 1000,
    // Far above the address space that a program is given, so that Python's own MemoryError comes first.
    memoryBytes: 1_073_741_824,
    processes: 15,
  },
  ceilings: standardCeilings,
  // Python's own processes, and no other program: a child that starts one is refused.
  confinement: { ...interpretedConfinement, exec: false },
} as const satisfies ProfileInput;
