import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { familyOf, nameOf } from '../support/host-count.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet({ BULLPEN_SLOTS: '2' });
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

  test('is the only part of the fleet that is not root: master, keepers and forkers are', () => {
    const others = familyOf(fleet.worker.pid).slice(1);
    expect(others.map(nameOf).filter((name) => !name.startsWith('bullpen-'))).toEqual([]);
    expect(others.map(nameOf)).toEqual(expect.arrayContaining(['bullpen-master', 'bullpen-keeper', 'bullpen-forker']));
    for (const pid of others) expect(statusOf(pid)['Uid']).toBe('0\t0\t0\t0');
  });

  test('has a user that no slot and no root has', async () => {
    const uid = statusOf(fleet.worker.pid)['Uid']?.split('\t')[0];
    const results = await Promise.all(
      [1, 2, 3, 4].map(() => fleet.run({ profile: 'bash', commands: [{ argv: ['sleep', '0.05'] }] })),
    );
    const slots = results.map(({ receipt }) => String(receipt?.uid));
    expect(new Set(slots).size).toBe(2);
    expect(slots).not.toContain(uid);
  });
});

test('a program has its slot’s identity, no capability in any set, no_new_privs and a filter, as the host sees it', async () => {
  const running = fleet.probe('sleep 600');
  const uid = async (): Promise<number | undefined> =>
    familyOf(fleet.worker.pid).find((pid) => nameOf(pid) === 'probe');
  await expect.poll(uid).toBeDefined();
  const status = statusOf((await uid()) ?? 0);
  expect([status['CapInh'], status['CapPrm'], status['CapEff'], status['CapBnd'], status['CapAmb']]).toEqual([
    none,
    none,
    none,
    none,
    none,
  ]);
  expect([status['NoNewPrivs'], status['Seccomp'], status['Groups']?.trim()]).toEqual(['1', '2', '']);
  expect(Number(status['Uid']?.split('\t')[0])).toBeGreaterThanOrEqual(3000);
  await running;
});
