import { expect, test } from 'vitest';
import { startChild } from '../src/child-process.ts';

/** What a process says that listens the way `script` says and is interrupted `signals` times while it is too busy to hear it. */
async function interrupt(script: string, signals: number): Promise<{ said: string[]; exitCode: number | null }> {
  const said: string[] = [];
  const module = JSON.stringify(new URL('../src/on-interrupt.ts', import.meta.url).href);
  const program = `
    import { execSync } from 'node:child_process';
    import { onInterrupt } from ${module};
    const listen = (name) => onInterrupt({ first: () => console.log(name, 'first'), second: () => console.log(name, 'second') });
    const busy = () => { for (let i = 0; i < ${signals}; i += 1) execSync('kill -TERM ' + process.pid + '; sleep 0.05'); };
    ${script}
    // In two turns of its loop: in the one between it hears what came while it was busy, however late it is itself.
    setTimeout(() => setTimeout(() => process.exit(0), 100), 100);`;
  const child = startChild(process.execPath, ['--input-type=module', '-e', program], {
    env: { PATH: '/usr/bin:/bin' },
    ownGroup: true,
    stdout: (line) => void said.push(line),
    stderr: 'inherit',
  });
  const { exitCode } = await child.ended;
  return { said, exitCode };
}

test('a signal is heard once, by whoever began to listen last', async () => {
  const ending = await interrupt('listen("one"); listen("two"); busy();', 1);
  expect(ending).toEqual({ said: ['two first'], exitCode: 0 });
});

test('a signal that comes while one listener gives way to the next is not lost', async () => {
  const ending = await interrupt('const forget = listen("one"); busy(); forget(); listen("two");', 1);
  expect(ending).toEqual({ said: ['two first'], exitCode: 0 });
});

test('nobody listens any more: the process ends as cancelled', async () => {
  const ending = await interrupt('const forget = listen("one"); busy(); forget();', 1);
  expect(ending).toEqual({ said: [], exitCode: 130 });
});

test('the second signal ends the process', async () => {
  const ending = await interrupt(
    'listen("one"); busy(); setTimeout(() => process.kill(process.pid, "SIGINT"), 50); setTimeout(() => {}, 5000);',
    1,
  );
  expect(ending).toEqual({ said: ['one first', 'one second'], exitCode: 130 });
});
