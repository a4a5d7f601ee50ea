import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { Redis } from 'ioredis';
import { readCliConfig } from '../src/config.ts';
import { compareFiles } from '../src/doctor/facts/read-apparmor-facts.ts';
import { describeCgroups } from '../src/doctor/facts/read-cgroup-facts.ts';
import { readLockFacts } from '../src/doctor/facts/read-lock-facts.ts';
import { readUidFacts } from '../src/doctor/facts/read-uid-facts.ts';
import type { Finding } from '../src/doctor/finding.ts';
import { checkout } from '../src/fleet/checkout.ts';
import { startEmbeddedRedis } from '../src/fleet/embedded-redis.ts';
import { findRedisServer } from '../src/fleet/find-redis-server.ts';
import { runCli, textOf } from './support/run-cli.ts';
import { makeScratch } from './support/scratch.ts';

/** Two workers one after another, or one that waits for a stranger to end, on a busy machine. */
const longTimeoutMs = 120_000;

const scratch = makeScratch();
afterAll(() => {
  scratch.remove();
  // Where workers of the ordinary user below keep their locks.
  rmSync(`/tmp/bullpen-uids-${slotUid}`, { recursive: true, force: true });
});

interface Report {
  readonly sound: boolean;
  readonly rung: string | null;
  readonly because: string;
  readonly lifts: readonly string[];
  readonly findings: readonly Finding[];
  readonly problem: string | null;
}

/** A number that no account and no other test has. */
const slotUid = 1_456_000_000 + process.pid;

async function doctor(env: Readonly<Record<string, string>>): Promise<Report & { exitCode: number | undefined }> {
  const run = await runCli(['doctor', '--json'], { env });
  return { ...(JSON.parse(textOf(run.stdout)) as Report), exitCode: run.exitCode };
}

const sentenceOf = ({ findings }: Report, name: string): string =>
  findings.flatMap((finding) => (finding.name === name ? [`${finding.state}: ${finding.sentence}`] : [])).join();

/** A child of this test that has started; it ends with the test. */
async function start(command: string, args: readonly string[], ids: { uid?: number } = {}): Promise<ChildProcess> {
  const child = spawn(command, args, { ...ids, stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  return child;
}

describe('doctor and the worker agree', () => {
  it('on a host where all is well', async () => {
    const report = await doctor({});
    expect(report).toMatchObject({ exitCode: 0, sound: true, rung: 'namespaces', problem: null });
    expect(report.findings.filter(({ state }) => state === 'fault')).toEqual([]);
  });

  it('on a lock directory that others may write', async () => {
    const locks = join(scratch.folder, 'open-locks');
    mkdirSync(locks);
    chmodSync(locks, 0o777);
    const report = await doctor({ BULLPEN_UID_LOCK_DIR: locks });
    expect(sentenceOf(report, 'uid-locks')).toMatch(/^fault: .*may be written by others \(mode 0777\)/);
    expect(report).toMatchObject({ exitCode: 1, sound: false });
    expect(report.problem).toContain('only its owner may write there');
  });

  it(
    'on a stranger’s process with the UID of a slot',
    async () => {
      const stranger = await start('/bin/sh', ['-c', 'echo here; exec sleep 300'], { uid: slotUid });
      const report = await doctor({ BULLPEN_SLOT_UID_BASE: String(slotUid), BULLPEN_SLOTS: '1' });
      expect(sentenceOf(report, 'uid-in-use')).toContain(`(pid ${stranger.pid} has UID ${slotUid})`);
      expect(report.exitCode).toBe(1);
      expect(report.problem).toContain(`UID ${slotUid}`);
      expect(report.problem).toContain(`pid ${stranger.pid}`);
    },
    longTimeoutMs,
  );

  it('on AppArmor that is required and not there', async () => {
    const report = await doctor({ BULLPEN_APPARMOR: 'required' });
    const faults = report.findings.filter(({ state }) => state === 'fault').map(({ name }) => name);
    expect(faults.join()).toMatch(/^apparmor-(kernel|missing|stale|mode)/);
    expect(report.exitCode).toBe(1);
    expect(report.problem).toContain('The configuration requires AppArmor');
  });

  it.each([
    ['BULLPEN_PROBE_INTERVAL_MS', '7'],
    ['BULLPEN_PROFILES_FILE', '/absent/profiles.json'],
  ])('on %s=%s, which is wrong', async (name, value) => {
    const report = await doctor({ [name]: value });
    expect(sentenceOf(report, 'configuration')).toMatch(/^fault: /);
    expect(sentenceOf(report, 'configuration')).toContain(value);
    expect(report.exitCode).toBe(1);
    expect(report.problem).toContain(value);
  });
});

describe('with fewer rights', () => {
  const asJson = async (
    words: readonly string[],
    settings: Readonly<Record<string, string>> = {},
  ): Promise<Report & { exitCode: number | null }> => {
    const main = join(checkout, 'packages/cli/src/main.ts');
    const child = spawn(
      'setpriv',
      [...words, process.execPath, '--conditions=@bullpen/source', main, 'doctor', '--json'],
      {
        env: { PATH: process.env['PATH'], ...settings },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    const [exitCode] = (await once(child, 'close')) as [number | null];
    return { ...(JSON.parse(Buffer.concat(chunks).toString()) as Report), exitCode };
  };

  it('root without capabilities stands on no rung, and is told which to add', async () => {
    const report = await asJson(['--bounding-set=-all', '--inh-caps=-all']);
    expect(report).toMatchObject({ exitCode: 1, sound: false, rung: null });
    expect(sentenceOf(report, 'jail')).toContain('has no CAP_SETUID, CAP_SETGID, CAP_KILL, CAP_CHOWN');
    expect(report.lifts[0]).toContain('--cap-add SYS_ADMIN');
  });

  it('root with four capabilities stands on classic, where a worker starts, and is told to add one more', async () => {
    const report = await asJson([
      '--bounding-set=-all,+setuid,+setgid,+kill,+chown',
      '--inh-caps=-all',
      '--clear-groups',
    ]);
    expect(report).toMatchObject({ exitCode: 0, sound: true, rung: 'classic', problem: null });
    expect(report.lifts[0]).toContain('--cap-add SYS_ADMIN');
  });

  it('an ordinary user has namespaces where the kernel allows them, and cannot write root’s cgroups', async () => {
    const words = [`--reuid=${slotUid}`, `--regid=${slotUid}`, '--clear-groups'];
    const report = await asJson(words);
    expect(report.rung).toMatch(/^(namespaces|restricted)$/);
    expect(sentenceOf(report, 'cgroup')).toMatch(/^note: A worker cannot use cgroups, .*, since .*: /);
  });

  it(
    'a user without any right stands on restricted, which an operator must permit',
    async () => {
      const words = [
        `--reuid=${slotUid}`,
        `--regid=${slotUid}`,
        '--clear-groups',
        '--bounding-set=-all',
        '--inh-caps=-all',
      ];
      const settings = { BULLPEN_JAIL: 'restricted', BULLPEN_SLOTS: '1' };
      const refused = await asJson(words, settings);
      expect(sentenceOf(refused, 'floor')).toContain(
        'BULLPEN_FLOOR=identity,rlimits,seccomp,landlock|apparmor,restricted',
      );
      expect(refused).toMatchObject({ exitCode: 1, sound: false, rung: 'restricted' });
      const floor = { BULLPEN_FLOOR: 'identity,rlimits,seccomp,landlock,restricted', BULLPEN_ENABLED: 'true' };
      const report = await asJson(words, { ...settings, ...floor });
      expect(report).toMatchObject({ exitCode: 0, sound: true, rung: 'restricted', problem: null });
    },
    longTimeoutMs,
  );
});

describe('facts of this machine', () => {
  const redisServer = findRedisServer(readCliConfig().searchPath, checkout);

  it('a generated file that is edited and one that is missing', () => {
    const folder = join(scratch.folder, 'apparmor');
    mkdirSync(folder);
    const delivered = join(checkout, 'deploy/apparmor');
    for (const name of readdirSync(delivered)) copyFileSync(join(delivered, name), join(folder, name));
    expect(compareFiles(folder)).toEqual([]);
    writeFileSync(join(folder, 'bash.apparmor'), 'profile bullpen-bash-0123456789ab flags=(complain) {}\n');
    rmSync(join(folder, 'python.apparmor'));
    expect(compareFiles(folder)).toEqual(
      expect.arrayContaining([
        { file: 'bash.apparmor', state: 'edited' },
        { file: 'python.apparmor', state: 'missing' },
      ]),
    );
    expect(compareFiles(join(scratch.folder, 'absent'))).toBeNull();
  });

  it('a cgroup directory that does not exist, cannot be written, or offers nothing', () => {
    expect(describeCgroups(null, null, {}).obstacle).toContain('is mounted');
    expect(describeCgroups(2, '/sys/fs/absent', {}).obstacle).toContain('does not exist here');
    expect(describeCgroups(2, '/proc/sys/kernel/absent/..', {}).obstacle).toContain('does not exist here');
    const folder = join(scratch.folder, 'cgroup');
    mkdirSync(folder);
    expect(describeCgroups(2, folder, {}).obstacle).toBe(`${folder} does not offer memory, pids, cpu`);
    writeFileSync(join(folder, 'cgroup.controllers'), 'cpu memory pids\n');
    expect(describeCgroups(2, folder, {}).obstacle).toContain('holds processes itself');
  });

  it('locks that a living process holds, and locks that were left', async () => {
    const uidLockDir = join(scratch.folder, 'locks');
    mkdirSync(uidLockDir, { mode: 0o700 });
    for (const name of ['70001', '70002', 'no-number']) writeFileSync(join(uidLockDir, name), '');
    await start('flock', [join(uidLockDir, '70002'), '/bin/sh', '-c', 'echo held; sleep 300']);
    const { found, locks } = await readLockFacts({ uidLockDir }, 0);
    expect(found?.mode).toBe(0o700);
    expect(locks).toEqual([
      { uid: 70_001, isHeld: false },
      { uid: 70_002, isHeld: true },
    ]);
    const none = await readLockFacts({ uidLockDir: join(scratch.folder, 'absent') }, 0);
    expect([none.found, none.locks]).toEqual([null, []]);
  });

  it('leases in the fleet’s Redis: of a worker, and one that never runs out', async () => {
    const redis = await startEmbeddedRedis({ program: redisServer, owner: null });
    const client = new Redis(redis.socket);
    onTestFinished(async () => {
      client.disconnect();
      await redis.close();
    });
    const config = { slotUidBase: slotUid, slots: 2, prefix: '{p}', nodeId: 'node-1' };
    await client.set(`{p}:uids/node-1:${slotUid}`, '17 worker-a', 'PX', 30_000);
    await client.set(`{p}:uids/node-1:${slotUid + 1}`, '18 worker-b');
    const { leases, pinned } = await readUidFacts(config, { locks: [] }, redis.socket);
    expect(pinned).toEqual([slotUid, slotUid + 1]);
    expect(leases).toEqual([
      { uid: slotUid, worker: 'worker-a', runsOutInMs: expect.any(Number) as number },
      { uid: slotUid + 1, worker: 'worker-b', runsOutInMs: null },
    ]);
    expect((await readUidFacts(config, { locks: [] }, join(scratch.folder, 'no.sock'))).leases).toBeNull();
  });

  it('processes with a pinned UID, unless a worker has locked it', async () => {
    const child = await start('/bin/sh', ['-c', 'echo here; exec sleep 300'], { uid: slotUid });
    const config = { slotUidBase: slotUid, slots: 1, prefix: '{p}', nodeId: null };
    const { occupants } = await readUidFacts(config, { locks: [] }, null);
    expect(occupants).toEqual([{ uid: slotUid, pid: child.pid }]);
    const locked = await readUidFacts(config, { locks: [{ uid: slotUid, isHeld: true }] }, null);
    expect(locked.occupants).toEqual([]);
  });
});
