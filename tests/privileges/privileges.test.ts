import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { familyOf, nameOf } from '../support/host-count.ts';
import { onThisRung, rung, slots } from '../support/rung.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet?.close());

const none = '0000000000000000';
const statusOf = (pid: number): Record<string, string> =>
  Object.fromEntries(
    [...readFileSync(`/proc/${pid}/status`, 'utf8').matchAll(/^(\w+):[\t ]*(.*)$/gm)].map(([, name, value]) => [
      name,
      value,
    ]),
  );

describe('the worker’s process', () => {
  test('is one unprivileged user and group, without others and without capabilities', () => {
    const status = statusOf(fleet.worker.pid);
    const ids = `${status['Uid']}\t${status['Gid']}`.split('\t').map(Number);
    expect(ids.every((id) => id >= 3000)).toBe(true);
    expect(new Set(status['Uid']?.split('\t')).size).toBe(1);
    expect(status['Groups']?.trim()).toBe('');
    expect([status['CapInh'], status['CapPrm'], status['CapEff'], status['CapAmb']]).toEqual([none, none, none, none]);
  });

  test('is the only part of the fleet that is not root, unless an ordinary user started it', () => {
    const others = familyOf(fleet.worker.pid).slice(1);
    expect(others.map(nameOf).filter((name) => !name.startsWith('bullpen-'))).toEqual([]);
    expect(others.map(nameOf)).toEqual(expect.arrayContaining(['bullpen-master', 'bullpen-keeper', 'bullpen-forker']));
    const ofWorker = statusOf(fleet.worker.pid)['Uid'];
    const uids = rung === 'namespaces' || rung === 'classic' ? '0\t0\t0\t0' : ofWorker;
    for (const pid of others) expect(statusOf(pid)['Uid']).toBe(uids);
  });

  test('has a user that no slot has, unless it may not change its own', async () => {
    const uid = statusOf(fleet.worker.pid)['Uid']?.split('\t')[0];
    const results = await Promise.all(
      Array.from({ length: 8 }, () => fleet.run({ profile: 'bash', commands: [{ argv: ['sleep', '0.2'] }] })),
    );
    const users = results.map(({ receipt }) => String(receipt?.uid));
    expect(new Set(users).size).toBe(slots);
    if (rung === 'restricted') expect(users).toContain(uid);
    else expect(users).not.toContain(uid);
  });
});

test('a program has its slot’s identity, no capability in any set, no_new_privs and a filter, as the host sees it', async () => {
  const running = fleet.probe('sleep 4000');
  const uid = async (): Promise<number | undefined> =>
    familyOf(fleet.worker.pid).find((pid) => nameOf(pid) === 'probe');
  await expect.poll(uid, { timeout: 20_000 }).toBeDefined();
  const status = statusOf((await uid()) ?? 0);
  const { CapInh, CapPrm, CapEff, CapBnd, CapAmb } = status;
  expect([CapInh, CapPrm, CapEff, CapAmb]).toEqual([none, none, none, none]);
  // A classic jailer lacks CAP_SETPCAP, which emptying the bounding set takes: the four that it has stay, out of reach.
  expect(CapBnd).toBe(onThisRung({ namespaces: none, classic: '00000000000000e1', restricted: none }));
  expect([status['NoNewPrivs'], status['Seccomp'], status['Groups']?.trim()]).toEqual(['1', '2', '']);
  expect(Number(status['Uid']?.split('\t')[0])).toBeGreaterThanOrEqual(3000);
  await running;
});
