import type { ProfileInput } from '../profile.ts';
import { roomyAddressSpaceBytes, standardCeilings, standardDefaults } from './standard-limits.ts';

/** Where distributions keep shared libraries. */
const foldersOfLibraries = ['/usr/lib/*-linux-gnu', '/usr/lib64', '/usr/lib'];

/** The program that loads libraries, and those of the interpreter and of its standard library's own modules; those for terminals and networks are left out. */
const libraries = [
  'ld-linux-*.so.*',
  'libc.so.6',
  'libm.so.6',
  'libdl.so.2',
  'libpthread.so.0',
  'libutil.so.1',
  'librt.so.1',
  'libgcc_s.so.1',
  'libpython3.*.so.1.0',
  'libexpat.so.1',
  'libz.so.1',
  'libbz2.so.1.0',
  'liblzma.so.5',
  'libcrypto.so.3',
  'libffi.so.8',
  'libmpdec.so.*',
  'libsqlite3.so.0',
  'libuuid.so.1',
];

/**
 * The strict whitelist: a program that reads stdin, computes and writes stdout. It sees the interpreter and the standard library only,
 * writes nothing, opens no socket and starts no process, thread or other program.
 */
export const purePython = {
  name: 'pure-python',
  version: 2,
  summary: 'Python 3 standard library only: no writing, no sockets, no other process',
  toolchain: { title: 'Python', programs: ['/usr/bin/python3'] },
  view: [
    { source: '/usr/bin/python3', access: 'execute' },
    // Its extension modules are mapped as code, which a read-only path refuses.
    { source: '/usr/lib/python3.*', access: 'execute', optional: true },
    { source: '/usr/lib64/python3.*', access: 'execute', optional: true },
    ...foldersOfLibraries.flatMap((directory) =>
      libraries.map((library) => ({ source: `${directory}/${library}`, access: 'execute' as const, optional: true })),
    ),
    { source: '/usr/lib/locale/C.utf8', access: 'read', optional: true },
    { source: '/usr/share/zoneinfo', access: 'read', optional: true },
    { source: '/etc/ld.so.cache', access: 'read', optional: true },
  ],
  env: { PATH: '/usr/bin', HOME: '/work', LANG: 'C.UTF-8', TZ: 'UTC', PYTHONDONTWRITEBYTECODE: '1' },
  recipe: [{ argv: ['python3', '{entry}', '{args}'], takesStdin: true }],
  defaults: { ...standardDefaults, addressSpaceBytes: roomyAddressSpaceBytes, processes: 1, openFiles: 64 },
  ceilings: { ...standardCeilings, addressSpaceBytes: roomyAddressSpaceBytes, processes: 1, openFiles: 256 },
  confinement: { write: false, executeWritten: false, unixSockets: false, fork: false, exec: false },
} as const satisfies ProfileInput;
