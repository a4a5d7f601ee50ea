import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { familyOf, nameOf } from '../../../tests/support/host-count.ts';
import { openJail, shell, type TestJailer, text } from './support/start.ts';
import { startBy, startOrdinary } from './support/ordinary-user.ts';

/** Root as in most containers: what another had raised with CAP_SYS_RESOURCE, such as a process's place in the OOM killer's list, it cannot lower. */
const asPoorRoot = 'exec setpriv --bounding-set=-sys_resource --inh-caps=-sys_resource';

const modes: [who: string, start: (before?: string) => Promise<TestJailer>][] = [
  ['root', (before = '') => startBy(`${before}${asPoorRoot}`)],
  ['an ordinary user', startOrdinary],
];

describe.each(modes)('a jailer started by %s', (_, start) => {
  test('gives no program a core file, nor the host’s core helper, which only a limit of 1 keeps from being run', async () => {
    const jail = await openJail(await start());
    const report = await jail.run(shell('while read -r line; do echo "$line"; done < /proc/self/limits; ulimit -c 2'));
    expect(text(report)).toMatch(/^Max core file size +1 +1 +bytes/m);
    expect(report.exitCode).not.toBe(0);
  });

  test('has an init whose limits no program can read or set, although it may be of the same user', async () => {
    const jail = await openJail(await start());
    const report = await jail.run(
      shell('prlimit --pid 1 --nofile=0:0; prlimit --pid 1 --nofile; prlimit --pid $$ --nofile'),
    );
    expect(text(report)).toBe('');
    expect(
      Buffer.from(report.stderr.bytes)
        .toString()
        .match(/Operation not permitted/g),
    ).toHaveLength(3);
    // Its own it may lower, by the same call.
    expect(text(await jail.run(shell('ulimit -n 9; ulimit -n')))).toBe('9\n');
  });

  test.each([0, 1, 500, 1000])(
    'with an oom_score_adj of %i works: its programs are taken first, init keeps its place',
    async (score) => {
      const jail = await openJail(await start(`echo ${score} > /proc/self/oom_score_adj\n`));
      const before = scoreOfInit();
      for (let round = 0; round < 2; round += 1) {
        expect(text(await jail.run(shell('read -r score < /proc/self/oom_score_adj; echo $score')))).toBe('1000\n');
        expect(scoreOfInit()).toBe(before);
      }
    },
  );
});

/** Of the one jail that there is. */
function scoreOfInit(): string {
  const [init, ...others] = familyOf(process.pid).filter((pid) => nameOf(pid) === 'bullpen-init');
  if (init === undefined || others.length > 0) throw new Error('There must be one jail and there is not.');
  return readFileSync(`/proc/${init}/oom_score_adj`, 'utf8');
}
