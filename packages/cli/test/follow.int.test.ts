import { on } from 'node:events';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, startCli, textOf } from './support/run-cli.ts';
import { makeScratch } from './support/scratch.ts';

const scratch = makeScratch();
const env = { XDG_RUNTIME_DIR: scratch.folder };
type Running = ReturnType<typeof startCli>;
let fleet: Running;

beforeAll(async () => {
  fleet = startCli(['up', '--slots', '2', '--json'], { env });
  await prints(fleet, '\n');
});

afterAll(async () => {
  fleet.kill('SIGKILL');
  await fleet;
  scratch.remove();
});

/** Resolves when the command has printed this text on standard output. */
async function prints(running: Running, text: string): Promise<void> {
  let seen = '';
  for await (const [chunk] of on(running.nodeChildProcess.stdout as Readable, 'data')) {
    seen += String(chunk);
    if (seen.includes(text)) return;
  }
}

/** Writes to both streams and goes on for longer than anybody waits. */
const endless = scratch.write('endless.sh', 'echo one; echo two >&2; sleep 600');

describe('output appears while the program runs', () => {
  it.each([['run'], ['submit', '--follow']])('with %s, and is not printed again at its end', async (...command) => {
    const running = startCli([...command, '--timeout', '60s', endless], { env });
    await prints(running, 'one\n');
    running.kill('SIGINT');
    const { exitCode, stdout, stderr } = await running;
    expect([textOf(stdout), exitCode]).toEqual(['one\n', 130]);
    expect(textOf(stderr).match(/two/g)).toHaveLength(1);
  });

  it('with result --follow, also to those who come later, and to two at a time', async () => {
    const id = textOf((await runCli(['submit', '--timeout', '60s', endless], { env })).stdout).trim();
    const first = startCli(['result', '--follow', id], { env });
    await prints(first, 'one\n');
    const second = startCli(['result', '--follow', id], { env });
    await prints(second, 'one\n');
    first.kill('SIGKILL');
    const third = await runCli(['result', '--follow', '--timeout', '3s', id], { env });
    expect([textOf(third.stdout), third.exitCode]).toEqual(['one\n', 125]);
    expect(third.stderr).toContain('has no result after 3000 ms');
    second.kill('SIGINT');
  });
});

describe('what is followed ends as without', () => {
  it.each([
    ['bytes of any kind', 'any.sh', "printf '\\377\\0 no newline'; printf '\\376' >&2; exit 7"],
    [
      'a program that compiles with a warning',
      'warn.c',
      '#include <stdio.h>\n#warning "careful"\nint main(void) { puts("ran"); return 3; }\n',
    ],
    ['a program that does not compile', 'wrong.c', 'int main(void) { return careful; }\n'],
  ])('%s', async (_what, name, content) => {
    const file = scratch.write(name, content);
    const [waited, followed] = await Promise.all([
      runCli(['submit', '--wait', file], { env }),
      runCli(['submit', '--follow', file], { env }),
    ]);
    expect([Buffer.from(followed.stdout), followed.stderr, followed.exitCode]).toEqual([
      Buffer.from(waited.stdout),
      waited.stderr,
      waited.exitCode,
    ]);
  });

  it('a whole job, of all its commands', async () => {
    const job = { profile: 'bash', commands: [{ argv: ['echo', 'a'] }, { argv: ['echo', 'b'] }] };
    const file = scratch.write('job.json', JSON.stringify(job));
    const followed = await runCli(['submit', '--follow', '--job', file], { env });
    expect([textOf(followed.stdout), followed.exitCode]).toEqual(['a\nb\n', 0]);
    const later = await runCli(['submit', '--job', file], { env });
    const result = await runCli(['result', '--follow', textOf(later.stdout).trim()], { env });
    expect([textOf(result.stdout), result.exitCode]).toEqual(['a\nb\n', 0]);
  });
});

it('refuses --follow beside --json', async () => {
  const run = await runCli(['result', '--follow', '--json', 'some-id'], { env });
  expect([run.exitCode, run.stderr]).toEqual([2, 'bullpen: Both --follow and --json were given: choose one.\n']);
});
