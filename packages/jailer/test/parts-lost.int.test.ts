import { existsSync, readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../../tests/support/eventually.ts';
import { familyOf, nameOf } from '../../../tests/support/host-count.ts';
import type { Jail } from '../ts/types.ts';
import { openJail, request, shell, slotOf, startTestJailer, type TestJailer, text } from './support/start.ts';

interface Started extends TestJailer {
  /** Processes of this jailer with this name. */
  pids(name: string): number[];
}

async function start(): Promise<Started> {
  const jailer = await startTestJailer(1);
  onTestFinished(async () => {
    await jailer.close();
    jailer.files.remove();
  });
  const table = jailer.files.runDir.replace(/\/run$/, '/table');
  const pids = (name: string): number[] =>
    familyOf(process.pid).filter(
      (pid) => nameOf(pid) === name && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(table),
    );
  return { ...jailer, pids };
}

function theOne(jailer: Started, name: string): number {
  const [pid, ...others] = jailer.pids(name);
  if (pid === undefined || others.length > 0) throw new Error(`There must be one ${name} and there are not.`);
  return pid;
}

const files = [{ path: 'deep/in.txt', mode: 0o600, content: Buffer.from('in') }];

test.each<[what: string, use: (jailer: Started) => Promise<unknown>]>([
  ['nothing yet', (jailer) => openJail(jailer)],
  ['a file to write for a job', (jailer) => openJail(jailer, { files })],
  [
    'a file to collect from a job',
    async (jailer) => {
      const jail = await openJail(jailer);
      await jail.run(shell('echo out > out.txt'));
      expect(await jail.collect('out.txt', 100)).toMatchObject({ state: 'collected' });
    },
  ],
  [
    'a file to refuse',
    async (jailer) => {
      const jail: Jail = await openJail(jailer, { files });
      expect(await jail.collect('absent', 100)).toMatchObject({ state: 'refused' });
    },
  ],
])('the death of the master ends a keeper that had %s, its forker and its jail', async (_, use) => {
  const jailer = await start();
  await use(jailer);
  const parts = ['bullpen-keeper', 'bullpen-forker', 'bullpen-init'].map((name) => theOne(jailer, name));
  process.kill(theOne(jailer, 'bullpen-master'), 'SIGKILL');
  await eventually('all have ended', () => parts.every((pid) => !existsSync(`/proc/${pid}`)), 3000);
});

test('a forker that was killed costs the jail that it should have made, and the slot comes back with another', async () => {
  const jailer = await start();
  const jail = await openJail(jailer);
  const killed = theOne(jailer, 'bullpen-forker');
  process.kill(killed, 'SIGKILL');
  // It is not needed by the jail that is there.
  expect(text(await jail.run(shell('echo as ever')))).toBe('as ever\n');
  await jail.close();
  await eventually(
    'another keeper has another forker',
    () => jailer.pids('bullpen-forker').some((pid) => pid !== killed),
    3000,
  );
  const next = await slotOf(jailer).open(request());
  expect(text(await next.run(shell('echo usable')))).toBe('usable\n');
  await next.close();
});

test('a forker that is killed before a jail of another profile is asked for is an error, and no program’s end', async () => {
  const jailer = await start();
  process.kill(theOne(jailer, 'bullpen-forker'), 'SIGKILL');
  // The jail that was made while the slot was idle may still serve one job; the one after it must not be lost in silence.
  for (let round = 0; round < 3; round += 1) {
    const said = await slotOf(jailer)
      .open(request())
      .then(async (jail) => {
        const report = await jail.run(shell('echo usable'));
        await jail.close().catch(() => {});
        return text(report);
      })
      .catch((error: unknown) => error);
    if (typeof said === 'string') expect(said).toBe('usable\n');
    else expect(said).toMatchObject({ name: 'JailerError', step: expect.stringMatching(/^(spawn|keeper)$/) });
  }
  await eventually('the slot works again', async () => {
    const jail = await slotOf(jailer).open(request());
    const report = await jail.run(shell('echo usable'));
    await jail.close();
    return text(report) === 'usable\n';
  });
});
