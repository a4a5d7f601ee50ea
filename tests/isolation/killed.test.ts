import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Fleet, probeProgram, startFleet } from '../support/fleet.ts';
import { familyOf, nameOf, processesOf, userOf } from '../support/host-count.ts';

/** The worst ends: whoever is killed, nothing of a job's user remains on the host. */
let fleet: Fleet;
beforeEach(async () => {
  users = [];
  fleet = await startFleet();
});
afterEach(async () => {
  await fleet?.close();
  if (users.length > 0) endAll(users);
});

/** Users of the programs that a test started. */
let users: number[] = [];

/** A failed test must not leave its fork bomb: a user's own signal reaches all of its processes at one moment, and nobody else's. */
function endAll(left: readonly number[]): void {
  for (const uid of left) {
    const user = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--bounding-set=-all', '--inh-caps=-all'];
    spawnSync('setpriv', [...user, 'sh', '-c', 'kill -9 -1']);
  }
}

/** A job of a process that ignores signals, a daemon and a fork bomb. */
const script =
  '(setsid sleep 300 &); (setsid ./probe daemon 300 &); (setsid ./probe fork-bomb &); trap "" TERM; sleep 60';

/** Starts the job; the PIDs of all that belongs to the worker, and the user of its programs. */
async function startStubbornJob(): Promise<{ family: number[]; uid: number }> {
  const files = [{ path: 'probe', mode: 0o755, content: { base64: probeProgram() } }];
  const command = { argv: ['bash', '-c', script], limits: { processes: 24 } };
  await fleet.client.submit({ profile: 'bash', files, commands: [command], attempts: 1 });
  const named = (name: string): number | undefined => familyOf(fleet.worker.pid).find((pid) => nameOf(pid) === name);
  await eventually('the job runs', () => named('sleep') !== undefined && named('probe') !== undefined, 20_000);
  const uid = Number(userOf(named('sleep') ?? 0));
  users.push(uid);
  return { family: familyOf(fleet.worker.pid), uid };
}

const find = (name: string): number => familyOf(fleet.worker.pid).find((pid) => nameOf(pid) === name) ?? 0;

async function expectNothingLeft({ family, uid }: { family: number[]; uid: number }): Promise<void> {
  expect(uid).toBeGreaterThanOrEqual(3000);
  await eventually('every process of the worker and of its jobs has ended', () =>
    family.every((pid) => nameOf(pid) === ''),
  );
  expect(processesOf(uid)).toEqual([]);
}

describe('nothing of a job outlives', () => {
  test('its worker, killed', async () => {
    const job = await startStubbornJob();
    fleet.worker.signal('SIGKILL');
    await fleet.worker.ended;
    await expectNothingLeft(job);
    if (fleet.boxes !== null) expect(readdirSync(fleet.boxes)).toEqual([]);
  });

  test('the jailer’s master, killed: the worker ends, too', async () => {
    const job = await startStubbornJob();
    process.kill(find('bullpen-master'), 'SIGKILL');
    await fleet.worker.ended;
    await expectNothingLeft(job);
  });

  test('its keeper, killed: the slot is made anew and serves', async () => {
    const job = await startStubbornJob();
    process.kill(find('bullpen-keeper'), 'SIGKILL');
    const programs = job.family.filter((pid) => pid !== fleet.worker.pid && !nameOf(pid).startsWith('bullpen-'));
    await eventually('every program of the job has ended', () => programs.every((pid) => nameOf(pid) === ''));
    expect((await fleet.shell('echo serving')).stdout.data).toBe('serving\n');
  });

  test('its init, killed: the slot is made anew and serves', async () => {
    const job = await startStubbornJob();
    const init = job.family.find((pid) => nameOf(pid) === 'bullpen-init' && familyOf(pid).length > 1) ?? 0;
    expect(init).toBeGreaterThan(0);
    const programs = familyOf(init).slice(1);
    process.kill(init, 'SIGKILL');
    await eventually('every program of the job has ended', () => programs.every((pid) => nameOf(pid) === ''));
    expect((await fleet.shell('echo serving')).stdout.data).toBe('serving\n');
  });
});
