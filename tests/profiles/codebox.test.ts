import { codeboxCompilerLimits } from '@bullpen/profiles';
import type { CommandReport } from '@bullpen/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../support/fleet.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet?.close());

/** As long as a busy machine may need; the profile's own fifth of a second is the door's matter. */
const wallTimeMs = 30_000;
const compiler = { ...codeboxCompilerLimits, wallTimeMs };

async function run(
  sources: Readonly<Record<string, string>>,
  commands: readonly { readonly argv: readonly string[]; readonly limits?: typeof compiler }[],
): Promise<readonly CommandReport[]> {
  const result = await fleet.run({
    profile: 'codebox',
    files: Object.entries(sources).map(([path, content]) => ({ path, content })),
    commands: commands.map(({ argv, limits }) => ({
      argv: [...argv],
      limits: limits ?? { wallTimeMs },
      stopOnFailure: false,
    })),
  });
  return result.commands;
}

const said = (reports: readonly CommandReport[]): unknown[] =>
  reports.map(({ outcome, stdout }) => [outcome.kind === 'exited' ? outcome.exitCode : outcome.kind, stdout.data]);

test('the work directory is /sandbox, and the environment has six names', async () => {
  const show = 'import json, os; os.environ.pop("LC_CTYPE", None); print(json.dumps([os.getcwd(), dict(os.environ)]))';
  const [report] = await run({}, [{ argv: ['/venv/bin/python', '-c', show] }]);
  expect(JSON.parse(report?.stdout.data ?? '')).toEqual([
    '/sandbox',
    {
      LANG: 'en_US.UTF-8',
      PYTHONIOENCODING: 'utf-8:strict',
      RUSTUP_HOME: '/usr/local/rustup',
      CARGO_HOME: '/usr/local/cargo',
      PATH: '/venv/bin:/usr/local/cargo/bin:/usr/local/bin:/usr/bin:/bin',
      HOME: '/sandbox',
    },
  ]);
});

test('what one command leaves in /sandbox the next one finds; tools answer to their plain names', async () => {
  const reports = await run({ 'main.py': 'open("/sandbox/a", "w").write("kept")' }, [
    { argv: ['python', 'main.py'] },
    { argv: ['bash', '-c', 'cat a; echo; type -p python python3 pytest pip rustc'] },
    { argv: ['sqlite3', ':memory:', 'select 6 * 7'] },
  ]);
  const names = [
    '/venv/bin/python',
    '/venv/bin/python3',
    '/venv/bin/pytest',
    '/venv/bin/pip',
    '/usr/local/cargo/bin/rustc',
  ];
  expect(said(reports)).toEqual([
    [0, ''],
    [0, `kept\n${names.join('\n')}\n`],
    [0, '42\n'],
  ]);
});

test('pytest runs the tests of /sandbox, and tells one that fails', async () => {
  const sources = {
    'test_good.py': 'def test_a(): assert 1 + 1 == 2\n',
    'test_bad.py': 'def test_b(): assert 1 + 1 == 3\n',
  };
  const [good, bad] = await run(sources, [
    { argv: ['/venv/bin/pytest', 'test_good.py'] },
    { argv: ['/venv/bin/pytest', 'test_bad.py'] },
  ]);
  expect(said(good === undefined ? [] : [good])).toEqual([
    [0, expect.stringMatching(/rootdir: \/sandbox\n[^]* 1 passed in /)],
  ]);
  expect(bad?.outcome).toEqual({ kind: 'exited', exitCode: 1 });
});

test('pip lists what is installed', async () => {
  const [report] = await run({}, [{ argv: ['/venv/bin/pip', 'freeze'] }]);
  expect(report?.outcome).toEqual({ kind: 'exited', exitCode: 0 });
  expect(report?.stdout.data).toMatch(/^numpy==\d/m);
});

test('rustc compiles what then runs within the 64 MB of a program', async () => {
  const source = 'fn main() { let all: Vec<u32> = (1..4).collect(); println!("{:?}", all); }';
  const reports = await run({ 'code.rs': source }, [
    { argv: ['/usr/local/cargo/bin/rustc', 'code.rs'], limits: compiler },
    { argv: ['./code'] },
  ]);
  expect(said(reports)).toEqual([
    [0, ''],
    [0, '[1, 2, 3]\n'],
  ]);
});

test('a program has 64 MB and eleven threads besides its first (twins: 20 MB, eleven threads)', async () => {
  const threads = (count: number): string =>
    `import threading, time\nstop = threading.Event()\nfor i in range(${count}): threading.Thread(target=stop.wait, daemon=True).start()\nprint(${count})`;
  const reports = await run({ 'eleven.py': threads(11), 'twelve.py': threads(12) }, [
    { argv: ['python', '-c', 'print(len(bytearray(b"x" * 20_000_000)))'] },
    { argv: ['python', '-c', 'print(len(bytearray(b"x" * 100_000_000)))'] },
    { argv: ['python', 'eleven.py'] },
    { argv: ['python', 'twelve.py'] },
  ]);
  expect(said(reports)).toEqual([
    [0, '20000000\n'],
    ['memory-exceeded', ''],
    [0, '11\n'],
    [1, ''],
  ]);
});
