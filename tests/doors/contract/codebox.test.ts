import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { hasCgroups, hasOwnRoot } from '../../support/rung.ts';
import { seconds, useCodebox } from '../codebox/support/codebox-gateway.ts';

const codebox = useCodebox({ codeboxTimeoutSeconds: seconds(0.2) });
const { execute } = codebox;
const ran = { exit_code: 0, stderr: '' };

// The examples of codebox's own documents, with their time for a busy machine.
describe('the examples of codebox', () => {
  test('1: Python says hello', async () => {
    const answers = await execute([{ command: '/venv/bin/python hello.py' }], { 'hello.py': "print('Hello World!')" });
    expect(answers).toEqual([{ ...ran, stdout: 'Hello World!\n', elapsed_time: expect.any(Number) }]);
  });

  test('2: a program reads its stdin', async () => {
    const main = 'import sys\n\nfor line in sys.stdin.readlines():\n    sys.stdout.write(line)\n';
    const command = { command: '/venv/bin/python app/main.py', timeout: seconds(0.1), stdin: '1\n2\n3' };
    const answers = await execute([command], { 'app/__init__.py': '', 'app/main.py': main });
    expect(answers).toMatchObject([{ ...ran, stdout: '1\n2\n3' }]);
  });

  test('3: a command runs out of time', async () => {
    const [answer] = await execute([{ command: '/bin/sleep 1', timeout: 0.1 }]);
    expect(answer).toMatchObject({ stdout: '', stderr: 'Timeout Error. Exceeded 0.1s', exit_code: -1 });
    expect(answer?.elapsed_time).toBeGreaterThan(0.09);
    expect(answer?.elapsed_time).toBeLessThan(1);
  });

  test('3: the packages of Python', async () => {
    const [answer] = await execute([{ command: '/venv/bin/pip freeze', timeout: seconds(1) }]);
    expect(answer).toMatchObject(ran);
    expect(answer?.stdout).toMatch(/^pytest==\d/m);
  });

  test('4: Rust is compiled, then runs', async () => {
    const code = 'fn main() {\n    println!("Hello World!");\n}';
    const compile = { command: '/usr/local/cargo/bin/rustc code.rs', timeout: seconds(0.5) };
    const answers = await execute([compile, { command: './code', timeout: seconds(0.1) }], { 'code.rs': code });
    expect(answers).toMatchObject([
      { ...ran, stdout: '' },
      { ...ran, stdout: 'Hello World!\n' },
    ]);
  });

  test('5: a unit test passes', async () => {
    const sources = {
      'main.py': 'def double(x: int) -> int:\n    return 2 * x\n',
      'test_main.py': 'from main import double\n\ndef test_double() -> None:\n    assert double(2) == 4\n',
    };
    const [answer] = await execute([{ command: '/venv/bin/pytest', timeout: seconds(1) }], sources);
    expect(answer).toMatchObject(ran);
    expect(answer?.stdout).toContain('1 passed');
  });

  test('5: and fails where the program is wrong', async () => {
    const sources = { 'test_main.py': 'def test_double() -> None:\n    assert 3 == 4\n' };
    const [answer] = await execute([{ command: '/venv/bin/pytest', timeout: seconds(1) }], sources);
    expect(answer?.exit_code).toBe(1);
    expect(answer?.stdout).toContain('1 failed');
  });

  test('SQL runs in sqlite3', async () => {
    const sql = "create table t(a, b);\ninsert into t values(1, 'Hilton'), (2, 'Plazza');\nselect * from t;\n";
    const command = '/usr/bin/sqlite3 temp.db -bail -init database.sql ".exit"';
    const [answer] = await execute([{ command, timeout: seconds(0.1) }], { 'database.sql': sql });
    expect(answer).toMatchObject({ exit_code: 0, stdout: '1|Hilton\n2|Plazza\n' });
  });
});

test('the languages are those of the jail', async () => {
  const version = (program: string, word: number): string | undefined =>
    execFileSync(program, ['--version'], { encoding: 'utf8' }).split(/\s+/)[word];
  const languages = {
    python: version('/usr/bin/python3', 1),
    rust: version('/usr/bin/rustc', 1),
    sqlite3: version('/usr/bin/sqlite3', 0),
    bash: version('/usr/bin/bash', 3),
  };
  const response = await fetch(`${codebox.origin}/languages`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual(languages);
});

describe('how a command ended', () => {
  const python = (code: string) => `/venv/bin/python -c '${code}'`;

  test.for<[what: string, command: string, exitCode: number]>([
    ['by itself', python('raise SystemExit(3)'), 3],
    ['by a signal that it sent itself', python('import os; os.kill(os.getpid(), 15)'), 143],
    ['by a crash', python('import ctypes; ctypes.string_at(0)'), 139],
    ['by abort()', python('import os; os.abort()'), 134],
    ['by SIGKILL', "/bin/bash -c 'kill -9 $$'", 137],
    ['its program is missing', '/venv/bin/nothing', 255],
    ['its name is not in the PATH', 'nothing', 255],
    ['its program is not executable', './main.py', 255],
    ['it is empty', '', 255],
    ['its name is empty', "''", 255],
  ])('%s', async ([, command, exitCode]) => {
    expect(await execute([{ command }], { 'main.py': '' })).toMatchObject([
      { stdout: '', stderr: '', exit_code: exitCode },
    ]);
  });

  test('it wanted more memory than there is, and had said something before', async () => {
    const answer = await codebox.python('print("so far", flush=True)\nx = bytearray(64_001_000)');
    // Without a cgroup the process itself is refused what it asks for.
    const refused = { exit_code: 1, stderr: expect.stringMatching(/MemoryError\n$/) };
    expect(answer).toMatchObject({ stdout: 'so far\n', ...(hasCgroups ? { stderr: '', exit_code: 137 } : refused) });
    const twin = await codebox.python('print("so far", flush=True)\nx = bytearray(32_000_000)');
    expect(twin).toMatchObject({ ...ran, stdout: 'so far\n' });
  });

  test('it ran out of time and had said something before, also to stderr', async () => {
    const code =
      'import sys, time\nprint("out", flush=True)\nprint("err", file=sys.stderr, flush=True)\ntime.sleep(60)';
    const answers = await execute([{ command: '/venv/bin/python main.py', timeout: seconds(0.1) }], {
      'main.py': code,
    });
    expect(answers).toMatchObject([{ stdout: 'out\n', stderr: 'err\n', exit_code: -1 }]);
  });

  test('a NUL in it is told, and the others run', async () => {
    expect(await execute([{ command: 'echo a\0b' }, { command: '/bin/echo c' }])).toMatchObject([
      { stdout: '', stderr: 'embedded null byte', exit_code: -1 },
      { ...ran, stdout: 'c\n' },
    ]);
  });

  test('it had no time at all, and did not run', async () => {
    const answers = await execute([
      { command: '/bin/touch ran', timeout: 0 },
      { command: '/bin/touch ran', timeout: -0.5 },
      { command: '/bin/ls' },
    ]);
    expect(answers).toMatchObject([
      { stderr: 'Timeout Error. Exceeded 0.0s', exit_code: -1 },
      { stderr: 'Timeout Error. Exceeded -0.5s', exit_code: -1 },
      { ...ran, stdout: '' },
    ]);
  });
});

describe('commands of one request', () => {
  test('share their files, in /sandbox where a jail can have it, and go on after one that failed', async () => {
    const commands = ['/bin/pwd', '/bin/cp a b', '/bin/false', '/bin/cat b', "/bin/bash -c 'echo $HOME; rm a; ls'"];
    const answers = await execute(
      commands.map((command) => ({ command })),
      { a: 'of a' },
    );
    const directory = answers[0]?.stdout.trim();
    expect(directory).toMatch(hasOwnRoot ? /^\/sandbox$/ : /^\/.+\/work$/);
    expect(answers).toMatchObject([
      { ...ran },
      { ...ran },
      { exit_code: 1 },
      { ...ran, stdout: 'of a' },
      { ...ran, stdout: `${directory}\nb\n` },
    ]);
  });

  test('share /tmp, where it is not the host’s; that one is closed', async () => {
    const answers = await execute([{ command: '/bin/touch /tmp/bullpen-kept' }, { command: '/bin/ls /tmp' }]);
    const closed = { stdout: '', stderr: expect.stringMatching(/Permission denied\n$/) };
    expect(answers).toMatchObject(hasOwnRoot ? [ran, { ...ran, stdout: 'bullpen-kept\n' }] : [closed, closed]);
  });

  test('share nothing with another request', async () => {
    const place = hasOwnRoot ? '/tmp .' : '.';
    await execute([{ command: '/bin/touch kept' }, { command: '/bin/touch /tmp/bullpen-kept' }]);
    expect(await execute([{ command: `/bin/ls ${place}` }])).toMatchObject([
      { ...ran, stdout: hasOwnRoot ? '.:\n\n/tmp:\n' : '' },
    ]);
  });

  test('are words without a shell', async () => {
    const [answer] = await execute([{ command: String.raw`/bin/echo * | "a  b" '$HOME' c\ d > e && # f` }], { x: '' });
    expect(answer).toMatchObject({ ...ran, stdout: '* | a  b $HOME c d > e && # f\n' });
  });

  test('have the six variables of codebox', async () => {
    const [answer] = await execute([{ command: '/usr/bin/env' }]);
    const names = answer?.stdout
      .trim()
      .split('\n')
      .map((line) => line.replace(/=.*/, ''));
    expect(names?.sort()).toEqual(['CARGO_HOME', 'HOME', 'LANG', 'PATH', 'PYTHONIOENCODING', 'RUSTUP_HOME']);
  });
});

describe('bytes', () => {
  test('stdin is passed as it is, and line ends of the output are line feeds', async () => {
    const stdin = 'a\r\nb\rc\n\0é😀\ufeff';
    const code =
      'import sys\ndata = sys.stdin.buffer.read()\nprint(data.hex())\nsys.stdout.flush()\nsys.stdout.buffer.write(data)';
    const [answer] = await execute([{ command: '/venv/bin/python main.py', stdin }], { 'main.py': code });
    expect(answer).toMatchObject({ ...ran, stdout: `${Buffer.from(stdin).toString('hex')}\na\nb\nc\n\0é😀\ufeff` });
  });

  test('no stdin is an empty one', async () => {
    expect(await execute([{ command: '/bin/cat', stdin: null }, { command: '/bin/cat' }])).toMatchObject([
      { ...ran, stdout: '' },
      { ...ran, stdout: '' },
    ]);
  });

  test('output that is no UTF-8 is kept as far as it can be, and so is the exit code', async () => {
    const answers = await execute([{ command: String.raw`/usr/bin/printf 'a\377b\r\n'` }]);
    expect(answers).toMatchObject([{ ...ran, stdout: 'a\ufffdb\n' }]);
  });

  test('sources are written as they are', async () => {
    const content = '\ufeffa\r\nb\rc\0é';
    const [answer] = await execute([{ command: '/usr/bin/sha256sum x' }], { x: content });
    const digest = execFileSync('sha256sum', { input: content, encoding: 'utf8' }).slice(0, 64);
    expect(answer?.stdout.slice(0, 64)).toBe(digest);
  });
});
