import type { OutputItem } from '@bullpen/client';
import { decodeOutput } from '@bullpen/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../../../tests/support/eventually.ts';
import { processesOf } from '../support/process-tree.ts';
import { type SomeWorkers, startSomeWorkers } from '../support/some-workers.ts';

const wait = { timeoutMs: 25_000 };
const shell = (script: string) => ({
  profile: 'bash',
  commands: [{ argv: ['bash', '-c', script] }],
  limits: { wallTimeMs: 60_000 },
});

let fleet: SomeWorkers;

beforeEach(async () => {
  fleet = await startSomeWorkers();
});

afterEach(() => fleet.close());

const textOf = (items: readonly OutputItem[]): string =>
  items.map((item) => (item.kind === 'output' ? Buffer.from(item.bytes).toString() : '')).join('');

describe('a job that is followed', () => {
  test('and whose worker is lost is said to be run anew, and then all that the new run writes is told', async () => {
    const first = await fleet.add();
    const handle = await fleet.client.submit(shell('head -c 12 /dev/urandom | base64; sleep 600'));
    const runs: OutputItem[][] = [[]];
    for await (const item of handle.output(wait)) {
      if (item.kind === 'restarted') {
        expect(item.attempt).toBe(2);
        runs.push([]);
        continue;
      }
      runs.at(-1)?.push(item);
      if (runs.length > 1) await handle.cancel();
      else {
        first.signal('SIGKILL');
        await fleet.add();
      }
    }
    const [before = [], after = []] = runs;
    const result = await handle.result(wait);
    expect(runs).toHaveLength(2);
    expect(textOf(before)).toHaveLength(17);
    expect(textOf(after)).not.toBe(textOf(before));
    expect(textOf(after)).toBe(Buffer.from(decodeOutput(result.commands[0]?.stdout ?? never())).toString());
  });

  test('is not slowed by a Redis that stands still, and loses nothing', async () => {
    const worker = await fleet.add({ BULLPEN_LOCK_DURATION_MS: '30000' });
    const handle = await fleet.client.submit(
      shell('echo go; sleep 0.2; head -c 900000 /dev/zero; sleep 0.1; echo done >&2'),
    );
    const items: OutputItem[] = [];
    let stoodStill = false;
    for await (const item of handle.output(wait)) {
      items.push(item);
      if (stoodStill) continue;
      stoodStill = true;
      fleet.redis.signal('SIGSTOP');
      await eventually('the program ends all the same', () => processesOf(worker.pid, 'bash').length === 0);
      fleet.redis.signal('SIGCONT');
    }
    const result = await handle.result(wait);
    expect(stoodStill).toBe(true);
    expect(result).toMatchObject({ attempt: 1, commands: [{ outcome: { kind: 'exited', exitCode: 0 } }] });
    expect(textOf(items)).toHaveLength(900_008);
  });
});

function never(): never {
  throw new Error('There is no such command.');
}
