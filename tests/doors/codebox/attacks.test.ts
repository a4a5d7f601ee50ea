import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { seconds, useCodebox } from './support/codebox-gateway.ts';

const bodyBytes = 4_194_304;
const codebox = useCodebox({ bodyBytes });
const { execute, python } = codebox;

/** Whatever a request does, the next one is answered as if it had not been. */
afterEach(async () => {
  const [next] = await execute([{ command: '/bin/echo next', timeout: seconds(0.2) }]);
  if (next?.stdout !== 'next\n' || next.exit_code !== 0) throw new Error(`The next one got ${JSON.stringify(next)}.`);
});

const mark = (): string => `codebox-attack-${randomUUID()}`;

/** Whether a process of the host has this word in its command line. */
function isRunning(word: string): boolean {
  return readdirSync('/proc').some((name) => /^\d+$/.test(name) && commandLineOf(name).includes(word));
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // it has ended since
  }
}

describe('paths of sources', () => {
  test.for<[what: string, path: (name: string) => string]>([
    ['climb out', (name) => `../../../../../../tmp/${name}`],
    ['climb out from below', (name) => `/a/b/../../../tmp/${name}`],
    ['climb out behind a slash', (name) => `//../tmp/${name}`],
    ['climb out of a directory of like name', (name) => `../sandbox-${name}`],
  ])('%s, and nothing is written or run', async ([, path]) => {
    const name = mark();
    const answers = await execute([{ command: `/bin/touch /tmp/${name}` }], { [path(name)]: 'x', fine: 'y' });
    expect(answers).toEqual([
      {
        stdout: '',
        stderr: expect.stringMatching(/^Invalid file path: \/.*codebox-attack/),
        exit_code: -1,
        elapsed_time: 0,
      },
    ]);
    expect(existsSync(`/tmp/${name}`)).toBe(false);
  });

  test('an absolute one is a place in /sandbox', async () => {
    const name = mark();
    const answers = await execute([{ command: `/bin/cat tmp/${name}`, timeout: seconds(0.2) }], {
      [`/tmp/${name}`]: 'mine',
    });
    expect(answers).toMatchObject([{ stdout: 'mine', exit_code: 0 }]);
    expect(existsSync(`/tmp/${name}`)).toBe(false);
  });

  test.for<[what: string, path: string, stderr: RegExp]>([
    ['a NUL', 'a\0b', /^embedded null byte$/],
    ['a name of a megabyte', 'x'.repeat(1_000_000), /^\[Errno 36\] File name too long: '\/sandbox\/x{900,}…'$/],
    ['a thousand levels', 'a/'.repeat(1000) + 'b', /^\[Errno 36\] File name too long: '\/sandbox\/a\//],
  ])('%s', async ([, path, stderr]) => {
    const answers = await execute([{ command: '/bin/true' }], { [path]: '' });
    expect(answers).toMatchObject([{ stderr: expect.stringMatching(stderr), exit_code: -1 }]);
    expect(answers[0]?.stderr.length).toBeLessThan(1100);
  });

  test('two thousand files are written, and ten thousand are refused', async () => {
    const files = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, 'x']));
    const [answer] = await execute([{ command: "/bin/bash -c 'ls | wc -l'", timeout: seconds(0.2) }], files(2000));
    expect(answer).toMatchObject({ stdout: '2000\n' });
    const response = await codebox.post({ sources: files(10_000), commands: [] });
    expect(response.status).toBe(422);
    expect(await response.text()).toContain('at most 2000 items after validation, not 10000');
  });
});

describe('bodies', () => {
  test.for<[what: string, body: () => string, status: number]>([
    ['larger than a body may be', () => ' '.repeat(bodyBytes + 1), 413],
    ['of nothing but brackets', () => '['.repeat(4_000_000), 400],
    ['of nothing but numbers', () => `[${'1,'.repeat(2_000_000)}1]`, 400],
    ['with deep nesting where nobody looks', () => `{"x":${'{"x":'.repeat(600_000)}`, 400],
    [
      'with one endless command',
      () => JSON.stringify({ sources: {}, commands: [{ command: "'".repeat(4_000_000) }] }),
      422,
    ],
    [
      'with too many arguments',
      () => JSON.stringify({ sources: {}, commands: [{ command: 'true '.repeat(70_000) }] }),
      422,
    ],
  ])('%s', async ([, body, status]) => {
    const response = await codebox.post(body());
    const text = await response.text();
    expect([response.status, text.slice(0, 300)]).toEqual([status, text.slice(0, 300)]);
    expect(JSON.parse(text)).toHaveProperty('detail');
    expect(text.length).toBeLessThan(5000);
  });
});

describe('floods', () => {
  const mebibyte = 1_048_576;

  test.for(['yes', '/bin/cat /dev/zero'])('of %s end, and the answer says why', async (command) => {
    const [answer] = await execute([{ command, timeout: seconds(1) }]);
    expect(answer?.stdout).toHaveLength(mebibyte);
    expect(answer).toMatchObject({ stderr: 'Output Error. Exceeded 1048576 bytes', exit_code: -1 });
  });

  test('to stderr end, and are the answer', async () => {
    const [answer] = await execute([{ command: "/bin/bash -c 'yes >&2'", timeout: seconds(1) }]);
    expect(answer?.stderr).toHaveLength(mebibyte);
    expect(answer).toMatchObject({ stdout: '', exit_code: -1 });
  });

  test('of sixteen commands share one answer', async () => {
    const commands = Array.from({ length: 16 }, () => ({ command: '/bin/cat /dev/zero', timeout: seconds(0.2) }));
    const answers = await execute(commands);
    expect(answers.map(({ exit_code }) => exit_code)).toEqual(answers.map(() => -1));
    expect(answers.reduce((sum, { stdout }) => sum + stdout.length, 0)).toBe(16 * 524_288);
  });

  test('of files end at the bound of the disk', async () => {
    const code = 'i = 0\nwhile True:\n    open(f"f{i}", "wb").write(bytes(5_000_000))\n    i += 1';
    const answer = await python(code, seconds(0.5));
    expect(answer.exit_code === 137 || answer.stderr.includes('No space left on device')).toBe(true);
  });
});

describe('processes', () => {
  test('a fork bomb goes off alone', async () => {
    const word = mark();
    const code = `# ${word}\nimport os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass`;
    const [answer] = await execute([{ command: `/venv/bin/python main.py ${word}`, timeout: 0.5 }], {
      'main.py': code,
    });
    // On a quick machine the copies have filled the memory of a command before its time is over.
    expect([-1, 137]).toContain(answer?.exit_code);
    await eventually('no process of it runs', () => !isRunning(word));
  });

  /** A process in a session of its own that has taken back the signal of its parent's death, ignores all others and counts in a file. */
  const survivor = `
import ctypes, os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
        for each in range(1, 64):
            try:
                signal.signal(each, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        for fd in range(3):
            os.close(fd)
        while True:
            with open('count', 'a') as count:
                count.write('x')
            time.sleep(0.01)
    os._exit(0)
while not os.path.exists('count') or os.path.getsize('count') < 3:
    time.sleep(0.01)
print('it lives', flush=True)
time.sleep(float(sys.argv[1]))
`;
  const look = `
import os, time
before = os.path.getsize('count')
time.sleep(0.3)
print('it lives' if os.path.getsize('count') > before else 'it is dead')
`;

  test.for<[what: string, sleeps: string, timeout: number, exitCode: number]>([
    ['its time-out', '60', 1.5, -1],
    ['its own parent', '0', seconds(1), 0],
  ])('no program outlives %s', async ([, sleeps, timeout, exitCode]) => {
    const word = mark();
    const running = execute(
      [
        { command: `/venv/bin/python survivor.py ${sleeps} ${word}`, timeout },
        { command: '/venv/bin/python look.py', timeout: seconds(1) },
      ],
      { 'survivor.py': survivor, 'look.py': look },
    );
    if (exitCode === -1) await eventually('the program is seen from outside', () => isRunning(word));
    expect(await running).toMatchObject([
      { stdout: 'it lives\n', exit_code: exitCode },
      { stdout: 'it is dead\n', exit_code: 0 },
    ]);
    expect(isRunning(word)).toBe(false);
  });

  test('the program cannot end its jail', async () => {
    const [answer] = await execute([
      { command: "/bin/bash -c 'kill -9 1; kill -9 -1; echo alive'", timeout: seconds(0.2) },
    ]);
    expect(answer).toMatchObject({ stdout: 'alive\n', exit_code: 0 });
  });
});
