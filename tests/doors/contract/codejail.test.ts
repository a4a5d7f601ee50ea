import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { patience } from '../../support/patience.ts';
import { onThisRung } from '../../support/rung.ts';
import { type Door, patientLimits, startDoor } from '../codejail/support/door.ts';

/** What code of codejail's users meets in its jail, however that is made. */
const mebibyte = 2 ** 20;
/** A restricted worker is of the same user, and its threads may use up to eight more. */
const children = onThisRung({ namespaces: 4, restricted: 13 });
let door: Door;
beforeAll(async () => {
  door = await startDoor({
    policy: {
      limits: { ...patientLimits, FSIZE: mebibyte },
      overrides: {
        cpu: { CPU: 0.2 },
        realtime: { REALTIME: 0.2 },
        vmem: { VMEM: 256 * mebibyte },
        fsize: { FSIZE: 1000 },
        nproc: { NPROC: 3 },
        proxy: { PROXY: 1 },
        // Fonts are looked for anew in each run.
        drawing: { CPU: 15 * patience, REALTIME: 18 * patience },
      },
    },
  });
});
afterAll(() => door?.close());

/** What each attempt answered: `ok` or the name of an errno. */
const answersOf = async (attempts: string): Promise<unknown> => {
  const code = `
import errno, os
def tried(what):
    try: what(); return 'ok'
    except OSError as error: return errno.errorcode[error.errno]
out = ${attempts}`;
  return (await door.globals(code))['out'];
};
const openAndList = (paths: readonly string[]): Promise<unknown> =>
  answersOf(
    `{path: [tried(lambda: open(path)), tried(lambda: os.listdir(path))] for path in ${JSON.stringify(paths)}}`,
  );
const allAnswer = (paths: readonly string[], answer: unknown): unknown =>
  Object.fromEntries(paths.map((path) => [path, answer]));
const denied = (path: string): string => `PermissionError: [Errno 13] Permission denied: \\'${path}\\'`;

describe('everything outside is there, and closed', () => {
  const files = ['/etc/passwd', '/etc/hosts', '/etc/shadow', '/etc/group'];
  const directories = [
    ...['/', '..', '../', '/tmp', '/proc', '/sys', '/root', '/home', '/etc', '/usr', '/var', '/opt', '/run'],
    ...['/dev/shm', '/proc/self', '/proc/1', '/sys/kernel'],
  ];

  test('files (twin: one of its own)', async () => {
    expect(await openAndList(files)).toEqual(allAnswer(files, ['EACCES', 'ENOTDIR']));
    expect(await openAndList(['jailed_code'])).toEqual({ jailed_code: ['ok', 'ENOTDIR'] });
  });

  test('directories (twins: its own)', async () => {
    expect(await openAndList(directories)).toEqual(allAnswer(directories, ['EACCES', 'EACCES']));
    expect(await openAndList(['.', 'tmp'])).toEqual(allAnswer(['.', 'tmp'], ['EISDIR', 'ok']));
  });

  test('what is not there is closed, too, unless the paths are the host’s', async () => {
    const absent = ['/tmp/bullpen-absent', '/home/bullpen-absent'];
    const answer = onThisRung({ namespaces: 'EACCES', classic: 'ENOENT' });
    expect(await openAndList(absent)).toEqual(allAnswer(absent, [answer, answer]));
    // One that only root may look into.
    expect(await openAndList(['/root/bullpen-absent'])).toEqual({ '/root/bullpen-absent': ['EACCES', 'EACCES'] });
  });

  test('the error is the one that codejail’s own checks look for', async () => {
    expect(await door.emsg('import os\nos.listdir("/")')).toContain(denied('/'));
    expect(await door.emsg('open("/etc/passwd")')).toContain(denied('/etc/passwd'));
    expect(await door.emsg('open("/proc/1/cmdline")')).toContain(denied('/proc/1/cmdline'));
    expect(await door.emsg('open("../x", "w")')).toContain(denied('../x'));
  });

  test('after going there nothing can be listed either', async () => {
    const attempts = `[tried(lambda: os.chdir(p)) for p in ('/tmp', '/proc', '/home', '/')] + [tried(lambda: os.listdir(p)) for p in ('.', '..', '../..')]`;
    // Nothing stands between a program and the host's directories but their modes; Landlock says what may be opened there.
    const entered = onThisRung({ namespaces: ['EACCES', 'EACCES', 'EACCES', 'ok'], classic: ['ok', 'ok', 'ok', 'ok'] });
    expect(await answersOf(attempts)).toEqual([...entered, 'EACCES', 'EACCES', 'EACCES']);
  });

  test('nothing can be written (twin: in tmp of the work directory)', async () => {
    const paths = [
      ...['../x', '/x', '/tmp/bullpen-absent', '/etc/passwd', '/etc/bullpen-absent', '/home/bullpen-absent'],
      ...['/proc/self/comm', '/dev/shm/bullpen-absent', '/var/bullpen-absent'],
    ];
    const writes = (all: readonly string[]): Promise<unknown> =>
      answersOf(`{path: [tried(lambda: open(path, mode)) for mode in 'wax'] for path in ${JSON.stringify(all)}}`);
    const answers = await writes(paths);
    const there = {
      '/etc/passwd': ['EACCES', 'EACCES', 'EEXIST'],
      '/proc/self/comm': onThisRung({
        namespaces: ['EACCES', 'EACCES', 'EACCES'],
        classic: ['EACCES', 'EACCES', 'EEXIST'],
      }),
    };
    expect(answers).toEqual({ ...(allAnswer(paths, ['EACCES', 'EACCES', 'EACCES']) as object), ...there });
    expect(await writes(['tmp/x'])).toEqual({ 'tmp/x': ['ok', 'ok', 'EEXIST'] });
  });

  test('no directory can be made and nothing be removed or changed (twins: in tmp)', async () => {
    const changes = (at: string): string =>
      `[tried(lambda: os.mkdir('${at}d')), tried(lambda: os.rmdir('${at}d')), tried(lambda: os.symlink('x', '${at}l')), tried(lambda: os.chmod('${at}', 0o700))]`;
    const [made, removed, linked, changed] = (await answersOf(changes('/'))) as string[];
    expect([made, linked]).toEqual(['EACCES', 'EACCES']);
    expect(['EACCES', 'ENOENT']).toContain(removed);
    expect(['EPERM', 'EOVERFLOW', 'EACCES']).toContain(changed);
    expect(await answersOf(changes('tmp/'))).toEqual(['ok', 'ok', 'ok', 'ok']);
  });
});

describe('the work directory', () => {
  test('holds the code, tmp and what was sent, and nothing else', async () => {
    const code = 'import os\nout = sorted(os.listdir("."))\ntmp = os.listdir("tmp")\nvariable = os.environ["TMPDIR"]';
    const options = { library: Buffer.from('x') };
    expect(await door.globals(code)).toEqual({ out: ['jailed_code', 'tmp'], tmp: [], variable: 'tmp' });
    expect(await door.globals(code, {}, options)).toMatchObject({ out: ['jailed_code', 'python_lib.zip', 'tmp'] });
  });

  test('is where it starts, with the environment of its profile and three descriptors, and nothing else of the worker', async () => {
    const code = `
import os
names, directory, descriptors = sorted(os.environ), os.environ["TMPDIR"], []
for descriptor in range(256):
    try: os.fstat(descriptor); descriptors.append(descriptor)
    except OSError: pass
del descriptor`;
    const { names, ...rest } = await door.globals(code);
    expect(rest).toEqual({ directory: 'tmp', descriptors: [0, 1, 2] });
    expect(names).toEqual(expect.arrayContaining(['HOME', 'LANG', 'PATH', 'TMPDIR']));
    expect(names).not.toContainEqual(expect.stringMatching(/BULLPEN|NODE|REDIS|USER|SUDO|PYTHONPATH/));
  });

  test('has tmp for temporary files, empty for each run', async () => {
    const code =
      'import tempfile\nwith tempfile.TemporaryFile() as f: f.write(b"x")\nout = open("tmp/f", "x").write("a")\ndirectory = tempfile.gettempdir()';
    for (let run = 0; run < 2; run += 1) {
      expect(await door.globals(code)).toMatchObject({ out: 1, directory: expect.stringMatching(/\/tmp$/) });
    }
  });
});

describe('what it reaches for', () => {
  test('a socket is of the unix family or refused', async () => {
    const families = '[socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET, socket.AF_UNIX]';
    const kinds = '(socket.SOCK_STREAM, socket.SOCK_DGRAM)';
    const attempts = `(lambda socket: [tried(lambda: socket.socket(family, kind)) for family in ${families} for kind in ${kinds}])(__import__('socket'))`;
    // Where the host's network is not hidden, unix sockets are pairs.
    const ofUnix = onThisRung({ namespaces: ['ok', 'ok'], classic: ['EACCES', 'EACCES'] });
    expect(await answersOf(attempts)).toEqual([...Array.from({ length: 8 }, () => 'EACCES'), ...ofUnix]);
    expect(await answersOf(`tried(__import__('socket').socketpair)`)).toBe('ok');
  });

  test('no other program is started, by any way (twins: a child process, a thread, and programs in another profile)', async () => {
    const code = `
import errno, os, subprocess, sys, threading
def tried(what):
    try: what(); return 'ok'
    except OSError as error: return errno.errorcode[error.errno]
ways = [
    lambda: subprocess.run(['date']),
    lambda: subprocess.run([sys.executable, '-c', '1']),
    lambda: subprocess.run(['/usr/bin/true']),
    lambda: os.execv('/usr/bin/true', ['true']),
    lambda: os.posix_spawn('/usr/bin/true', ['true'], {}),
]
child = os.fork()
if child == 0: os._exit(7)
threads = []
thread = threading.Thread(target=lambda: threads.append(1))
thread.start(); thread.join()
out = [tried(way) for way in ways]
twins = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), len(threads)]`;
    expect(await door.globals(code)).toMatchObject({ out: Array.from({ length: 5 }, () => 'EACCES'), twins: [7, 1] });
    const argv = ['python3', '-c', 'import subprocess\nprint(subprocess.run(["/usr/bin/true"]).returncode)'];
    const { commands } = await door.fleet.run({ profile: 'python', commands: [{ argv }] });
    expect(commands).toMatchObject([{ stdout: { data: '0\n' } }]);
  });

  test('numpy, scipy, networkx and matplotlib compute', async () => {
    const code = `
import numpy, scipy.linalg, scipy.optimize, networkx
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
det = round(float(scipy.linalg.det(numpy.array([[1.0, 2.0], [3.0, 4.0]]))), 6)
root = round(float(scipy.optimize.brentq(lambda x: x * x - 6.25, 0, 9)), 6)
solved = numpy.linalg.solve([[2.0, 1], [1, 3]], [1.0, 2]).round(6).tolist()
path = networkx.shortest_path(networkx.cycle_graph(5), 0, 3)
plt.plot([1, 2]); plt.title("t"); plt.savefig("tmp/plot.png")
plot = open("tmp/plot.png", "rb").read(4).hex()
`;
    const computed = { det: -2, root: 2.5, solved: [0.2, 0.6], path: [0, 4, 3], plot: '89504e47' };
    const options = { payload: { limit_overrides_context: 'drawing' } };
    expect(await door.globals(code, {}, options)).toMatchObject(computed);
  });
});

describe('code that fails', () => {
  test('is answered with the globals that were sent, and a traceback as Python writes bytes', async () => {
    const { status, text } = await door.call('x = 2\n1/0 # "é"', '{"x": NaN, "y": 1.0}');
    expect(status).toBe(200);
    expect(text.startsWith('{"globals_dict":{"x": NaN, "y": 1.0},"emsg":"')).toBe(true);
    const { emsg } = JSON.parse(text.replace('NaN', '0')) as { emsg: string };
    expect(emsg).toMatch(
      /^Couldn't execute jailed code: stdout: b'', stderr: b'Traceback \(most recent call last\):\\n {2}File ".*jailed_code", line \d+, in <module>\\n {4}exec\(code, g_dict\)\\n {2}File "<string>", line 2, in <module>\\nZeroDivisionError: division by zero\\n' with status code: 1$/,
    );
  });

  test.each([
    ['raise SystemExit(5)', 'status code: 5'],
    ['import os; os.kill(os.getpid(), 11)', 'status code: -11'],
    ['import os; os.kill(os.getpid(), 15)', 'status code: -15'],
    ['import os; os.abort()', 'status code: -6'],
    ['syntax error', 'SyntaxError: invalid syntax'],
    ['raise Exception("it\'s \\"é\\"")', `Exception: it\\'s "\\xc3\\xa9"\\n' with status code: 1`],
  ])('%s', async (code, expected) => {
    expect(await door.emsg(code)).toContain(expected);
  });

  test('code that ends Python before its own end has no globals, and is told so', async () => {
    expect(await door.emsg('import os; x = 1; os._exit(0)')).toContain('ended Python with status 0 before its own end');
  });
});

describe('limits of a course', () => {
  const of = (course: string) => ({ payload: { limit_overrides_context: course } });
  const spin = 'import time\nend = time.process_time() + 0.5\nwhile time.process_time() < end: pass\nout = 1';
  const sleep = 'import time\ntime.sleep(0.5)\nout = 1';
  const fill = 'out = len(bytearray(300 << 20))';
  const write = 'with open("tmp/f", "wb") as f:\n    f.write(bytes(2000))\nout = 1';
  const fork = `import os, time\nfor _ in range(${children}):\n    if os.fork() == 0:\n        time.sleep(1)\n        os._exit(0)\nout = 1`;

  test.each([
    ['cpu', spin, 'status code: -24'],
    ['realtime', sleep, 'status code: -9'],
    ['vmem', fill, 'MemoryError'],
    ['fsize', write, 'OSError: [Errno 27] File too large'],
    ['nproc', fork, 'BlockingIOError: [Errno 11] Resource temporarily unavailable'],
  ])('%s (twins: other courses have more)', async (course, code, expected) => {
    expect(await door.emsg(code, of(course))).toContain(expected);
    expect(await door.globals(code)).toHaveProperty('out');
    expect(await door.globals(code, {}, of('a course that nobody knows'))).toHaveProperty('out');
  });

  test('the time limit is told within its time, in the words of codejail, whatever signals the code takes', async () => {
    const startedMs = performance.now();
    const emsg = await door.emsg(
      'import signal, time\nfor number in (2, 15): signal.signal(number, lambda *_: None)\ntime.sleep(20)',
      of('realtime'),
    );
    expect(emsg).toBe("Couldn't execute jailed code: stdout: b'', stderr: b'' with status code: -9");
    expect(performance.now() - startedMs).toBeLessThan(10_000 * patience);
  });

  test('PROXY changes nothing', async () => {
    expect(await door.globals('out = 1', {}, of('proxy'))).toEqual({ out: 1 });
  });
});

test('jailCode runs a file with arguments, stdin and files, and has its status and streams', async () => {
  const code = [
    'import sys, os',
    'print(os.path.basename(sys.argv[0]), sys.argv[1:], sys.stdin.read(), open("a/b.txt").read(), open("c", "rb").read())',
    'print(sorted(os.listdir(".")), os.environ["TMPDIR"], sys.flags.ignore_environment, sys.dont_write_bytecode)',
    'print("trouble", file=sys.stderr)',
    'sys.exit(5)',
  ].join('\n');
  const files = [{ path: 'a/b.txt', content: 'é' }];
  const extraFiles = [['c', Buffer.of(0, 255)] as const];
  const { status, stdout, stderr } = await door.fleet.client.jailCode({
    ...{ command: 'python', code, files, extraFiles, argv: ['x y', '-v'], stdin: Buffer.from('in') },
    limits: patientLimits,
  });
  expect({ status, stdout: Buffer.from(stdout).toString(), stderr: Buffer.from(stderr).toString() }).toEqual({
    status: 5,
    stdout: "jailed_code ['x y', '-v'] in é b'\\x00\\xff'\n['a', 'c', 'jailed_code', 'tmp'] tmp 1 True\n",
    stderr: 'trouble\n',
  });
});

test('the door’s own checks of its safety have passed', async () => {
  const response = await fetch(`${door.origin}/health/`);
  expect([response.status, await response.text()]).toEqual([200, '{"status": "OK"}']);
});
