import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { cgroupParents } from '../../../tests/support/cgroup-parents.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import { familyOf, nameOf } from '../../../tests/support/host-count.ts';
import { openJail, request, shell, slotOf, startTestJailer, type TestJailer, text } from './support/start.ts';

/** A jailer of the test alone, and the pids of its processes by name. */
async function start(slots = 1): Promise<TestJailer & { pids(name: string): number[] }> {
  const jailer = await startTestJailer(slots);
  onTestFinished(async () => {
    await jailer.close();
    jailer.files.remove();
  });
  const isOurs = (pid: number): boolean =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(jailer.files.runDir.replace(/\/run$/, ''));
  const pids = (name: string): number[] => familyOf(process.pid).filter((pid) => nameOf(pid) === name && isOurs(pid));
  return { ...jailer, pids };
}

async function expectUsable(jailer: TestJailer): Promise<void> {
  const jail = await slotOf(jailer).open(request());
  expect(text(await jail.run(shell('echo usable; ls -A /work /tmp')))).toBe('usable\n/tmp:\n\n/work:\n');
  await jail.close();
}

const lost = { name: 'JailerError', step: 'keeper' };

function killKeeper(jailer: { pids(name: string): number[] }): number {
  const [keeper = 0] = jailer.pids('bullpen-keeper');
  process.kill(keeper, 'SIGKILL');
  return keeper;
}

test('a keeper that is killed while idle is replaced unnoticed', async () => {
  const jailer = await start();
  for (let i = 0; i < 3; i += 1) {
    const killed = killKeeper(jailer);
    await eventually('the next keeper is there', () => jailer.pids('bullpen-keeper').some((pid) => pid !== killed));
    await sleep(100); // some turns of the loop: its announcement is read
    await expectUsable(jailer);
  }
});

test('a keeper that is killed while a command runs takes the jail along: the call rejects, and the slot is usable again', async () => {
  const jailer = await start();
  const jail = await openJail(jailer);
  const running = jail.run(shell('touch /work/left; sleep 77 & sleep 77'));
  await eventually('the program runs', () => jailer.pids('bullpen-keeper').length === 1);
  await sleep(50);
  const keeper = killKeeper(jailer);
  await expect(running).rejects.toMatchObject(lost);
  await jail.close();
  await expectUsable(jailer);
  expect(existsSync(`/proc/${keeper}`)).toBe(false);
});

test.each([1, 2, 3, 4])('a keeper that is killed while it takes 30 MB of stdin (round %d)', async (round) => {
  const jailer = await start();
  const jail = await openJail(jailer);
  const running = jail.run(
    shell('cat; sleep 77', { stdin: Buffer.alloc(30_000_000, 'stdin '), limits: { outputBytes: 16_000_000 } }),
  );
  await sleep(round * 4);
  killKeeper(jailer);
  await expect(running).rejects.toMatchObject(lost);
  await expectUsable(jailer);
});

test.each([1, 2, 3, 4])('a keeper that is killed while it sends a flood of output (round %d)', async (round) => {
  const jailer = await start();
  const jail = await openJail(jailer);
  const running = jail.run(shell('head -c 16000000 /dev/zero; sleep 77', { limits: { outputBytes: 16_000_000 } }));
  await sleep(10 + round * 3);
  killKeeper(jailer);
  await expect(running).rejects.toMatchObject(lost);
  await expectUsable(jailer);
});

test('replace() ends the keeper and its jail, whatever runs there, and resolves when the slot is proven empty', async () => {
  const jailer = await start();
  const [before] = jailer.pids('bullpen-keeper');
  const jail = await openJail(jailer);
  const running = jail.run(shell('sleep 77'));
  await sleep(30);
  const replaced = slotOf(jailer).replace();
  await expect(running).rejects.toMatchObject(lost);
  await replaced;
  expect(jailer.pids('bullpen-keeper')).not.toContain(before);
  await expectUsable(jailer);
});

test('replace() helps against a keeper that does not read any more', async () => {
  const jailer = await start();
  const [keeper = 0] = jailer.pids('bullpen-keeper');
  process.kill(keeper, 'SIGSTOP');
  await slotOf(jailer).replace();
  await expectUsable(jailer);
});

test('one slot’s loss does not touch the others', async () => {
  const jailer = await start(2);
  const second = await openJail(jailer, {}, 1);
  const running = second.run(shell('sleep 0.3; echo untouched'));
  await slotOf(jailer, 0).replace();
  expect(text(await running)).toBe('untouched\n');
});

test('a forged HELLO in a program’s output changes nothing', async () => {
  const jailer = await start();
  const jail = await openJail(jailer);
  const hello =
    '\\x2f\\0\\0\\0A\\0\\0\\0\\x36\\0\\0\\0\\x10\\0\\0\\0bullpen-jailer/9\\x37\\0\\0\\0\\4\\0\\0\\0\\0\\0\\0\\0\\x38\\0\\0\\0\\4\\0\\0\\0\\0\\0\\0\\0';
  const report = await jail.run(shell(`for i in 1 2 3; do printf '${hello}'; sleep 0.4; done; exit 5`));
  expect(report.exitCode).toBe(5);
  expect((await jail.run(shell('exit 6'))).exitCode).toBe(6);
});

test.each(['close()', 'the death of the master'])(
  '%s ends everything: no process, mount or cgroup is left',
  async (how) => {
    const jailer = await start(2);
    const name = jailer.files.runDir.split('/')[2] ?? '';
    const jails = [await openJail(jailer, {}, 0), await openJail(jailer, {}, 1)];
    const running = jails.map((jail) =>
      jail.run(shell('(setsid sleep 77 &); sleep 77')).catch((error: unknown) => error),
    );
    await sleep(50);
    const family = ['bullpen-master', 'bullpen-keeper', 'bullpen-forker'].flatMap((each) => jailer.pids(each));
    expect(family.length).toBeGreaterThanOrEqual(5);
    if (how === 'close()') await jailer.close();
    else process.kill(jailer.pids('bullpen-master')[0] ?? 0, 'SIGKILL');
    for (const error of await Promise.all(running)) expect(error).toMatchObject(lost);
    await jailer.ended;
    await eventually('all processes have ended', () => family.every((pid) => !existsSync(`/proc/${pid}`)));
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(name);
    if (how === 'close()') for (const { path } of cgroupParents) expect(readdirSync(path)).not.toContain(name);
    await expect(slotOf(jailer).open(request())).rejects.toMatchObject(lost);
  },
);
