import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { request, shell, slotOf, startWith, type TestJailer, text } from '../../packages/jailer/test/support/start.ts';
import { ceilings, makeTableFiles } from '../../packages/jailer/test/support/table.ts';
import type { CommandLimits } from '@bullpen/profiles';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const sabotaged = path('../../packages/jailer/build/bullpen-jailer-sabotage');
const probes = path('../probes/build');
const abstractName = `bullpen-sabotage-${process.pid}`;

let shared: string;
let outside: Server;
let overNetwork: Server;
let port = 0;
beforeAll(async () => {
  execFileSync('make', ['--silent', '-C', path('../probes')]);
  shared = mkdtempSync('/run/bullpen-shared-');
  mkdirSync(`${shared}/open`);
  chmodSync(shared, 0o755);
  chmodSync(`${shared}/open`, 0o777);
  outside = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => outside.listen(`\0${abstractName}`, resolve));
  overNetwork = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => overNetwork.listen(0, '127.0.0.1', resolve));
  const address = overNetwork.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(() => {
  outside?.close();
  overNetwork?.close();
  rmSync(shared, { recursive: true });
});

/** Profile 0 may do all that a profile can allow, profile 1 nothing, profile 2 all but run what it wrote; /proc is closed in profile 3. All see a folder of the host that any user may write. */
function profileLines(number: number, allowed: readonly string[]): string[] {
  return [
    `profile ${number} profile-${number}`,
    ...allowed.map((what) => `allow ${what}`),
    `view execute ${probes} /probes`,
    `view read ${shared} /shared`,
    ...Object.entries(ceilings).map(([limit, value]) => `ceiling ${limit} ${value}`),
    'end',
  ];
}

async function startLeavingOut(leaveOut: readonly string[]): Promise<TestJailer> {
  const files = makeTableFiles(1);
  const head = files.lines.filter((line) => /^(bullpen-table|run-dir|mode|slot|cgroup)/.test(line));
  const general = ['write', 'execute-written', 'unix-sockets', 'fork', 'exec'];
  const [first = '', ...rest] = profileLines(3, general);
  const lines = [
    ...head,
    ...profileLines(0, general),
    ...profileLines(1, []),
    ...profileLines(2, ['write', 'fork', 'exec']),
    ...[first, 'mask directory /proc', ...rest],
  ];
  return startWith({ files, lines, slots: 1, program: sabotaged, leaveOut });
}

/** Runs probes one after another in one jail and tells the last line of each: `through`, an errno, or how it ended. */
async function answers(jailer: TestJailer, row: Row): Promise<string[]> {
  const jail = await slotOf(jailer).open(request({ profileNumber: row.profile ?? 0 }));
  const said: string[] = [];
  for (const words of row.probes()) {
    const report = await jail.run({
      ...shell('', { limits: { wallTimeMs: 3000, ...row.limits } }),
      argv: ['/probes/probe', ...words.split(' ')],
    });
    said.push(text(report).split('\n').at(-2) ?? `signal ${report.signal}`);
  }
  await jail.close();
  return said;
}

interface Row {
  /** The steps that together are the protection: with any one of them in place the probes are still stopped. */
  readonly leaveOut: readonly string[];
  /** What each deny test of tests/deny names. */
  readonly probes: () => string[];
  readonly profile?: number;
  /** What goes on working, where that is not `allowed`. */
  readonly allowed?: readonly string[];
  readonly limits?: Partial<CommandLimits>;
}

const table: Row[] = [
  { leaveOut: ['seccomp'], probes: () => ['socket-inet', 'socket-udp', 'socket-inet6', 'socket-netlink'] },
  { leaveOut: ['seccomp'], probes: () => ['unshare-user', 'clone-user', 'clone3-user', 'personality'] },
  { leaveOut: ['seccomp'], probes: () => ['ptrace-child', 'process-vm-read-child', 'pidfd-getfd-child', 'int80'] },
  { leaveOut: ['landlock'], probes: () => ['list /', 'mq-make /queue'] },
  { leaveOut: ['view', 'landlock'], probes: () => ['write /shared/open/x', 'mkdir /shared/open/d'] },
  { leaveOut: ['attach_box', 'landlock'], profile: 1, probes: () => ['write /work/x', 'write /tmp/x'] },
  { leaveOut: ['attach_box', 'landlock'], profile: 2, probes: () => ['execute-written /work/copy'] },
  { leaveOut: ['spawn', 'landlock'], probes: () => [`connect-unix @${abstractName}`] },
  { leaveOut: ['spawn', 'landlock', 'seccomp'], probes: () => [`connect-inet 127.0.0.1 ${port}`] },
  { leaveOut: ['mount_proc'], probes: () => ['read /proc/sys/kernel/hostname', 'read /proc/mounts'] },
  { leaveOut: ['close_proc', 'landlock'], profile: 3, probes: () => ['list /proc', 'read /proc/self/status'] },
  { leaveOut: ['drop_bounding'], probes: () => ['bounding-set'] },
  { leaveOut: ['no_new_privs'], probes: () => ['new-privileges'] },
  { leaveOut: ['identity'], probes: () => ['setuid-root', 'setgid-root'], allowed: ['see-self', 'fork', 'thread'] },
  { leaveOut: ['new_session'], probes: () => ['share-session'] },
  { leaveOut: ['reset_signals'], probes: () => ['inherited-signals'] },
  { leaveOut: ['limits'], probes: () => ['hold-files 17'], limits: { openFiles: 16 } },
  { leaveOut: ['cgroup'], probes: () => ['touch-memory 100000000'], limits: { memoryBytes: 33_554_432 } },
  { leaveOut: ['one_program'], profile: 1, probes: () => ['execute /probes/probe see-self'] },
  { leaveOut: ['deny_fork'], profile: 1, probes: () => ['fork'] },
];

/** What must go on working whatever is left out: a probe that is broken would look like security. */
const allowed: Row = {
  leaveOut: [],
  probes: () => [
    ...['see-self', 'write a', 'read a', 'fork', 'thread', 'socketpair-unix', 'read /probes/probe'],
    'execute /probes/probe see-self',
  ],
};

describe.each(table)('without $leaveOut', (row) => {
  let jailer: TestJailer;
  beforeAll(async () => {
    jailer = await startLeavingOut(row.leaveOut);
  });
  afterAll(async () => {
    await jailer?.close();
    jailer?.files.remove();
  });

  test('the probes get through', async () => {
    expect(await answers(jailer, row)).toEqual(row.probes().map(() => 'through'));
  });

  test('what is allowed goes on working', async () => {
    const words = row.allowed ?? allowed.probes();
    expect(await answers(jailer, { ...allowed, probes: () => [...words] })).toEqual(words.map(() => 'through'));
  });
});

describe('with every step in place', () => {
  let jailer: TestJailer;
  beforeAll(async () => {
    jailer = await startLeavingOut([]);
  });
  afterAll(async () => {
    await jailer?.close();
    jailer?.files.remove();
  });

  test.each(table)('the probes of $leaveOut are stopped', async (row) => {
    expect(await answers(jailer, row)).not.toContain('through');
  });

  test('what is allowed works', async () => {
    expect(await answers(jailer, allowed)).toEqual(allowed.probes().map(() => 'through'));
  });
});

test.each(table.filter(({ leaveOut }) => leaveOut.length > 1))(
  'each of $leaveOut alone stops the probes',
  async (row) => {
    for (const kept of row.leaveOut) {
      const jailer = await startLeavingOut(row.leaveOut.filter((step) => step !== kept));
      expect(await answers(jailer, row), kept).not.toContain('through');
      await jailer.close();
      jailer.files.remove();
    }
  },
);

test('without hostname the program sees the host’s name', async () => {
  const jailer = await startLeavingOut(['hostname']);
  const jail = await slotOf(jailer).open(request());
  const report = await jail.run({ ...shell(''), argv: ['/probes/probe', 'hostname'] });
  expect(text(report).split('\n')[0]).toBe(hostname());
  await jailer.close();
  jailer.files.remove();
});

test('without init’s last kill a daemon outlives its command; the end of the jail still ends it', async () => {
  const jailer = await startLeavingOut(['init']);
  expect(await answers(jailer, { leaveOut: [], probes: () => ['daemon 30', 'see-other-processes'] })).toEqual([
    'through',
    'through',
  ]);
  expect(await answers(jailer, { leaveOut: [], probes: () => ['see-other-processes'] })).toEqual(['ENOENT']);
  await jailer.close();
  jailer.files.remove();
});

/** Steps without which there is no jail to try anything in, and checks that confine nothing by themselves. */
const cannotBeLeftOut = [
  ...[
    'request',
    'box',
    'write_file',
    'die_with_keeper',
    'attach_view',
    'pivot',
    'protect_init',
    'cgroup_namespace',
    'measure',
  ],
  ...['receive_command', 'fork', 'stdio', 'work_directory', 'verify', 'exec', 'collect', 'prove_empty'],
];
/** Second lines: every descriptor of the jailer is close-on-exec besides. */
const secondLines = ['close_descriptors'];
/** Confined by kernels that have it; the machine for tests may not, and the step is left to the profiles' own tests. */
const ofSomeKernels = ['apparmor'];

test('every step of the jailer is left out by a test above, or is listed with the reason why not', () => {
  const header = readFileSync(path('../../packages/jailer/src/steps.h'), 'utf8');
  const steps = [...header.matchAll(/^ {4}X\((\w+)\)/gm)].map(([, step = '']) => step);
  const known = new Set([
    ...table.flatMap(({ leaveOut }) => leaveOut),
    'hostname',
    'init',
    ...cannotBeLeftOut,
    ...secondLines,
    ...ofSomeKernels,
  ]);
  expect(steps.filter((step) => !known.has(step))).toEqual([]);
});
