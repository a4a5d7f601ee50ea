import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Fleet, probeProgram, startFleet } from '../support/fleet.ts';
import { familyOf, nameOf } from '../support/host-count.ts';
import { onThisRung, slots } from '../support/rung.ts';

/** What a job leaves behind on purpose, to be in the way of the next one or of the slot. */
let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet?.close());

const files = [{ path: 'probe', mode: 0o755, content: { base64: probeProgram() } }];
const bash = (script: string, limits: object = {}) => ({ argv: ['bash', '-c', script], limits, stopOnFailure: false });

/** Programs of jobs on this worker, as the host sees them. */
const programs = (): number[] =>
  familyOf(fleet.worker.pid).filter((pid) => pid !== fleet.worker.pid && !/^(bullpen-.*)?$/.test(nameOf(pid)));

/** Every slot runs one more job and shows what it finds. On a busy machine one of them may take two jobs before the other has begun. */
async function expectEmptySlots(): Promise<void> {
  const script = 'sleep 0.2; shopt -s dotglob nullglob; echo "$HOME"/* "$TMPDIR"/*; umask; pwd -P; [ -w . ] && echo ok';
  const served = new Set<number | undefined>();
  await eventually('every slot has served', async () => {
    const answers = await Promise.all(
      Array.from({ length: slots }, () => fleet.run({ profile: 'bash', commands: [bash(script)] })),
    );
    for (const { commands, receipt } of answers) {
      const [seen, mask, , ok] = commands[0]?.stdout.data.split('\n') ?? [];
      expect([seen, mask, ok]).toEqual(['', '0022', 'ok']);
      served.add(receipt?.slot);
    }
    return served.size === slots;
  });
}

describe('the next job starts in an empty box, and no slot is lost, after', () => {
  test.for<[what: string, script: string, kinds: RegExp]>([
    ['a tree of 200 levels', './probe deep-directories 200', /exited/],
    ['a tree of 200 levels with a file on each', 'for ((i=0;i<200;i++)); do mkdir d; cd d; : > f; done', /exited/],
    ['a million files, or as many as it may have', './probe many-files-and-stay . 1000000', /exited|output-exceeded/],
    ['an own work directory that nobody may enter', 'chmod 000 . "$TMPDIR"', /exited/],
    ['directories that nobody may enter, deep down', 'mkdir -p a/b/c; : > a/b/c/f; chmod 000 a/b/c a/b a', /exited/],
    ['directories without any right to write', 'mkdir -p a/b; : > a/b/f; chmod 555 a/b a .', /exited/],
    [
      'a directory that was swapped for a link',
      'mkdir d; : > d/f; rm -r d; ln -s / d; ln -s /etc/passwd "$TMPDIR/l"',
      /exited/,
    ],
    ['files with strange names', 'touch -- "-rf" "a b" $\'new\\nline\' "*" ... $\'\\xff\'', /exited/],
    ['FIFOs that nobody reads', 'for i in 1 2 3; do mkfifo p$i; done; (exec 3<> p1; sleep 60) &', /exited/],
    ['the removal of its own directories', 'cd /; rm -rf "$HOME" "$TMPDIR"; mkdir -p "$HOME" 2>/dev/null', /exited/],
  ])('%s', async ([, script, kinds]) => {
    const { commands, state } = await fleet.run({ profile: 'bash', files, commands: [bash(script)] });
    expect(state).toBe('finished');
    expect(commands[0]?.outcome.kind).toMatch(kinds);
    await expectEmptySlots();
  });

  test.for<[what: string, script: string]>([
    [
      'a daemon that left its session and ignores signals',
      '(setsid bash -c \'trap "" TERM HUP INT; sleep 300; sleep 300\' &)',
    ],
    ['a daemon twice removed that forgot its parent', './probe daemon 300'],
    ['a fork bomb that runs on when the job ends', '(setsid ./probe fork-bomb &); sleep 0.2'],
    ['a stopped process', "(setsid bash -c 'kill -STOP $$' &)"],
  ])('%s, of which nothing is left', async ([, script]) => {
    const limits = { processes: 24 };
    const { commands } = await fleet.run({ profile: 'bash', files, commands: [bash(script, limits)] });
    expect(commands[0]?.outcome.kind).toBe('exited');
    expect(commands[0]?.usage.wallTimeMs).toBeLessThan(3000);
    await eventually('no program is left', () => programs().length === 0);
    await expectEmptySlots();
  });
});

test('a command that closed the work directory does not keep the next one of its job from running', async () => {
  const commands = [bash('echo one > file; chmod 000 .'), bash('echo two')];
  const { commands: reports } = await fleet.run({ profile: 'bash', commands });
  expect(reports[1]?.stdout.data).toBe('two\n');
  expect(reports[1]?.outcome).toEqual({ kind: 'exited', exitCode: 0 });
});

test('a file that a job keeps open after removing it counts for nothing once the job has ended', async () => {
  const script = 'exec 3> big; rm big; head -c 20000000 /dev/zero >&3; echo done';
  for (let round = 0; round < 4; round += 1) {
    const { commands } = await fleet.run({ profile: 'bash', commands: [bash(script)] });
    expect(commands[0]?.stdout.data).toBe(onThisRung({ namespaces: 'done\n' }));
  }
});
