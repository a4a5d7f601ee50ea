import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Result } from '@bullpen/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { startRedis } from '../support/redis.ts';
import { startWorkerProcess } from '../support/worker.ts';
import { hasAppArmor } from './kernel.ts';
import { rendered } from './rendered.ts';

const checkout = join(import.meta.dirname, '../..');

function apparmor(...words: readonly string[]): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(join(checkout, 'bullpen'), ['apparmor', ...words], { encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

/** Gives a text to the kernel as somebody would who does not use our command. */
function parse(text: string, ...options: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'bullpen-test-'));
  try {
    writeFileSync(join(folder, 'text'), text);
    execFileSync('/usr/sbin/apparmor_parser', ['--skip-cache', ...options, join(folder, 'text')]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The last words of a worker that requires AppArmor and does not get it. */
async function refusal(): Promise<string> {
  const redis = await startRedis();
  try {
    const worker = await startWorkerProcess(redis.socket, { BULLPEN_APPARMOR: 'required' });
    await worker.close();
    return 'it started';
  } catch (error) {
    return String(error);
  } finally {
    await redis.close();
  }
}

function layerOf(result: Result): string | undefined {
  return result.receipt?.layers.find(({ name }) => name === 'apparmor')?.detail;
}

const showLabel = ['bash', '-c', 'cat /proc/self/attr/apparmor/current'];

test('the machine that is made for these tests has AppArmor', () => {
  expect(hasAppArmor || process.env['BULLPEN_IN_VM'] === undefined).toBe(true);
});

if (hasAppArmor) describeWithAppArmor();
else describeWithout();

function describeWithout(): void {
  test('without AppArmor a worker that requires it refuses to start, and our command says why', async () => {
    expect(await refusal()).toMatch(/requires AppArmor, which this kernel lacks/);
    expect(apparmor('load')).toMatchObject({
      status: 125,
      said: expect.stringContaining('bullpen: This kernel has no AppArmor'),
    });
  });
}

function describeWithAppArmor(): void {
  beforeAll(() => {
    expect(apparmor('load')).toMatchObject({ status: 0 });
  });
  afterAll(() => void apparmor('load'));

  describe('a worker that requires AppArmor', () => {
    let fleet: Fleet;
    beforeAll(async () => {
      fleet = await startFleet({ BULLPEN_APPARMOR: 'required' });
    });
    afterAll(() => fleet?.close());

    test('runs programs under the profile that the receipt names', async () => {
      const { name } = rendered('bash');
      const result = await fleet.run({ profile: 'bash', commands: [{ argv: showLabel }] });
      expect(result.commands[0]?.stdout.data).toBe(`${name} (enforce)\n`);
      expect(layerOf(result)).toBe(`${name} (enforce)`);
    });

    test.each([
      ['executing what was written', "open('x','w').write('#!/bin/sh\\n'); os.chmod('x',0o755); os.execv('x',['x'])"],
      [
        'changing the label',
        "os.write(os.open('/proc/self/attr/apparmor/current',os.O_WRONLY), b'changeprofile unconfined')",
      ],
      [
        'asking for a label at exec',
        "os.write(os.open('/proc/self/attr/apparmor/exec',os.O_WRONLY), b'exec unconfined')",
      ],
      ['its own memory as a file', "open('/proc/self/mem','rb')"],
    ])('refuses a python program %s', async (_what, statement) => {
      const argv = ['python3', '-c', `import os\n${statement}`];
      const { commands } = await fleet.run({ profile: 'python', commands: [{ argv }] });
      expect(commands[0]?.stderr.data).toMatch(/PermissionError: \[Errno 13\]/);
    });

    test('keeps the closed places of the profile codejail closed, and lets it start no program', async () => {
      const tried = [
        "open('/etc/passwd')",
        "os.listdir('/')",
        "os.listdir('/proc')",
        "open('/proc/self/attr/apparmor/current','w')",
        "os.listdir('/tmp')",
        "os.execv('/usr/bin/true',['true'])",
        "open('tmp/x','w')",
      ];
      const code = `import errno, os
def told(what):
    try: eval(what)
    except OSError as error: return errno.errorcode[error.errno]
    return 'ok'
print(*[told(what) for what in ${JSON.stringify(tried)}])`;
      const result = await fleet.run({
        profile: 'codejail',
        directories: ['tmp'],
        commands: [{ argv: ['python3', '-c', code], limits: { wallTimeMs: 60_000, cpuTimeMs: 60_000 } }],
      });
      expect(result.commands[0]?.stdout.data).toBe('EACCES EACCES EACCES EACCES EACCES EACCES ok\n');
      expect(layerOf(result)).toBe(`${rendered('codejail').name} (enforce)`);
    });

    test('lets a program of the profile codebox write and run in /sandbox', async () => {
      const result = await fleet.run({
        profile: 'codebox',
        files: [{ path: 'run', content: '#!/bin/sh\npwd; echo written >x; cat x\n', mode: 0o755 }],
        commands: [{ argv: ['./run'], limits: { wallTimeMs: 60_000 } }],
      });
      expect(result.commands[0]?.stdout.data).toBe('/sandbox\nwritten\n');
      expect(layerOf(result)).toBe(`${rendered('codebox').name} (enforce)`);
    });

    test('ends a confined program that takes too long, and processes that it left behind', async () => {
      const script = 'sleep 1000 & sleep 1000';
      const limits = { wallTimeMs: 1000 };
      const { commands } = await fleet.run({ profile: 'bash', commands: [{ argv: ['bash', '-c', script], limits }] });
      expect(commands[0]?.outcome.kind).toBe('wall-time-exceeded');
    });

    test('keeps its profile while unload removes all that nobody runs under', async () => {
      const { name } = rendered('bash');
      const handle = await fleet.client.submit({
        profile: 'bash',
        commands: [{ argv: ['sleep', '1000'], limits: { wallTimeMs: 300_000 } }],
      });
      const isRunning = (): boolean => {
        const rows = JSON.parse(apparmor('status', '--json').said) as { name: string; processes: number }[];
        return rows.some((row) => row.name === name && row.processes === 1);
      };
      await eventually('a process runs under the profile', isRunning, 30_000);
      const { status, said } = apparmor('unload');
      expect(status).toBe(1);
      expect(said).toContain(`${name} stays: the processes under it (1) would be unconfined at once.`);
      await handle.cancel();
      await handle.result({ timeoutMs: 50_000 });
      const loaded = readFileSync('/sys/kernel/security/apparmor/profiles', 'utf8').match(/^bullpen-.*$/gm);
      expect(loaded).toEqual([`${name} (enforce)`]);
    });
  });

  describe('a profile that is not enforced as it should be', () => {
    const { name, text } = rendered('bash');

    test('is refused: none loaded', async () => {
      expect(apparmor('unload').status).toBe(0);
      expect(await refusal()).toMatch(
        /requires AppArmor\. Profile \w+ has no AppArmor profile in this kernel: run `bullpen apparmor load`/,
      );
    });

    test('is told and left out by default', async () => {
      const fleet = await startFleet();
      const result = await fleet.run({ profile: 'bash', commands: [{ argv: showLabel }] });
      const warning = fleet.worker.log.find(({ msg }) => msg === 'programs of some profiles run without AppArmor');
      await fleet.close();
      expect(result.commands[0]?.stdout.data).toBe('unconfined\n');
      expect(layerOf(result)).toBeUndefined();
      expect(JSON.stringify(warning)).toContain(`load ${name}`);
    });

    test('is refused: complain mode, an older version', async () => {
      apparmor('load');
      parse(text, '--replace', '--Complain');
      expect(await refusal()).toMatch(
        /Profile bash has its AppArmor profile bullpen-bash-\w+ loaded in complain mode, which enforces nothing/,
      );
      parse(text, '--remove');
      parse(text.replace(name, 'bullpen-bash-000000000000'), '--add');
      expect(await refusal()).toMatch(
        /Profile bash has only the outdated AppArmor profile bullpen-bash-000000000000 in this kernel/,
      );
    });
  });

  test('a worker that is confined itself stacks its programs’ profiles on its own, and can end them', async () => {
    apparmor('load');
    parse(workerProfile, '--replace');
    const fleet = await startConfined();
    const name = rendered('bash').name;
    try {
      const shown = await fleet.run({ profile: 'bash', commands: [{ argv: showLabel }] });
      expect(shown.commands[0]?.stdout.data).toBe(`${name}//&bullpen-worker (enforce)\n`);
      expect(layerOf(shown)).toBe(`${name} (enforce)`);
      const limits = { wallTimeMs: 1000 };
      const ended = await fleet.run({ profile: 'bash', commands: [{ argv: ['sleep', '1000'], limits }] });
      expect(ended.commands[0]?.outcome.kind).toBe('wall-time-exceeded');
    } finally {
      await fleet.close();
    }
  });
}

/** All that a worker and its jails need, as docs/apparmor.md tells operators. */
const workerProfile = `abi <abi/3.0>,
profile bullpen-worker flags=(attach_disconnected) {
  file,
  capability,
  network,
  unix,
  mount,
  remount,
  umount,
  pivot_root,
  ptrace,
  signal,
  change_profile -> &bullpen-*,
}
`;

/** What this process starts meanwhile enters the profile. */
async function startConfined(): Promise<Fleet> {
  writeFileSync('/proc/self/attr/apparmor/exec', 'exec bullpen-worker');
  try {
    return await startFleet({ BULLPEN_APPARMOR: 'required' });
  } finally {
    writeFileSync('/proc/self/attr/apparmor/exec', 'exec unconfined');
  }
}
