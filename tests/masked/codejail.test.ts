import type { JobToSubmit } from '@bullpen/client';
import type { CommandReport } from '@bullpen/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Fleet, firstOf, startFleet } from '../support/fleet.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet?.close());

const limits = { wallTimeMs: 30_000, cpuTimeMs: 30_000 };

/** Runs a script as codejail's users do; it prints one JSON value. */
async function report(code: string, job: Partial<JobToSubmit> = {}): Promise<CommandReport> {
  const files = [{ path: 'jailed_code', content: code }];
  const commands = [{ argv: ['python3', '-E', '-B', 'jailed_code'] }];
  const result = await fleet.run({ profile: 'codejail', files, directories: ['tmp'], commands, limits, ...job });
  return firstOf(result.commands);
}

async function told(code: string, job: Partial<JobToSubmit> = {}): Promise<unknown> {
  const { stdout, stderr } = await report(`import errno, json, os\n${code}`, job);
  expect(stderr.data).toBe('');
  return JSON.parse(stdout.data);
}

/** Prints what each attempt answered: `ok` or the name of an errno. */
const answering = (attempts: string): string => `
def tried(what):
    try: what(); return 'ok'
    except OSError as error: return errno.errorcode[error.errno]
print(json.dumps(${attempts}))
`;

const files = ['/etc/passwd', '/etc/hosts', '/etc/shadow', '/etc/group'];
const directories = [
  ...['/', '..', '/tmp', '/proc', '/sys', '/root', '/home', '/etc', '/usr', '/var', '/opt', '/run', '/dev/shm'],
  ...['/proc/self', '/proc/1', '/sys/kernel', '/tmp/any', '/home/any'],
];

describe('everything outside is there, and closed', () => {
  const openAndList = answering(
    `{path: [tried(lambda: open(path)), tried(lambda: os.listdir(path))] for path in ${JSON.stringify([...files, ...directories])}}`,
  );
  let inCodejail: Record<string, string[]>;
  let inPython: Record<string, string[]>;
  beforeAll(async () => {
    inCodejail = (await told(openAndList)) as typeof inCodejail;
    inPython = (await told(openAndList, { profile: 'python' })) as typeof inPython;
  });

  test.each(files)('the file %s (twin: other profiles lack it)', (path) => {
    expect(inCodejail[path]).toEqual(['EACCES', 'ENOTDIR']);
    expect(inPython[path]?.[0]).toBe('ENOENT');
  });

  test.each(directories)('the directory %s (twin: what other profiles answer differs, or is a list)', (path) => {
    expect(inCodejail[path]).toEqual(['EACCES', 'EACCES']);
    // Landlock alone closes to them what they have and did not ask for.
    if (!['/', '..', '/etc', '/usr'].includes(path)) expect(inPython[path]).not.toEqual(['EACCES', 'EACCES']);
  });

  test('the error is the one that codejail’s own checks look for', async () => {
    const { stderr, outcome } = await report('import os\nos.listdir("/")');
    expect(outcome).toEqual({ kind: 'exited', exitCode: 1 });
    expect(stderr.data).toMatch(/PermissionError: \[Errno 13\] Permission denied: '\/'\n$/);
  });

  test('after going there, too: no place outside can be entered, and none is above the root', async () => {
    const answers = await told(
      answering(
        `[tried(lambda: os.chdir(p)) for p in ('/tmp', '/proc', '/root', '/home')] + [tried(lambda: os.chdir('/'))] + [tried(lambda: os.listdir(p)) for p in ('.', '..', '../..')]`,
      ),
    );
    expect(answers).toEqual(['EACCES', 'EACCES', 'EACCES', 'EACCES', 'ok', 'EACCES', 'EACCES', 'EACCES']);
  });
});

test.each(['../x', '/x', '/tmp/x', '/etc/passwd', '/etc/x', '/home/x', '/proc/self/comm', '/dev/shm/x'])(
  'nothing can be written at %s (twin: in tmp of the work directory)',
  async (path) => {
    const writes = (at: string): string => answering(`[tried(lambda: open('${at}', mode)) for mode in 'wa']`);
    expect(await told(writes(path))).toEqual(['EACCES', 'EACCES']);
    expect(await told(writes('tmp/x'))).toEqual(['ok', 'ok']);
  },
);

test('the work directory holds what was sent and nothing else', async () => {
  const content = 'x';
  const code = 'print(json.dumps([sorted(os.listdir()), os.listdir("tmp"), os.environ["TMPDIR"]]))';
  const sent = [
    { path: 'jailed_code', content: `import json, os\n${code}` },
    { path: 'python_lib.zip', content },
    { path: 'lib/a.py', content },
  ];
  expect(await told('', { files: sent })).toEqual([['jailed_code', 'lib', 'python_lib.zip', 'tmp'], [], 'tmp']);
});

test('the directory for temporary files is the one that was sent along', async () => {
  const code = 'import tempfile\nwith tempfile.NamedTemporaryFile() as f: print(json.dumps(os.path.dirname(f.name)))';
  expect(await told(code)).toMatch(/\/work\/tmp$/);
});

test('no other program is started, by any way (twins: a child process and a thread, and programs in another profile)', async () => {
  const code = `
import subprocess, sys, threading
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
twins = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), len(threads)]
${answering('[tried(way) for way in ways] + twins')}`;
  expect(await told(code)).toEqual(['EACCES', 'EACCES', 'EACCES', 'EACCES', 'EACCES', 7, 1]);
  const inPython = 'import subprocess\nprint(subprocess.run(["/usr/bin/true"]).returncode)';
  expect(await told(inPython, { profile: 'python' })).toBe(0);
});

test('a socket is of the unix family or refused', async () => {
  const code = `
import socket
families = [socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET, socket.AF_UNIX]
${answering('[tried(lambda: socket.socket(family, kind)) for family in families for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)]')}`;
  expect(await told(code)).toEqual([...Array.from({ length: 8 }, () => 'EACCES'), 'ok', 'ok']);
});

test('Python itself runs out of address space, long before the jail runs out of memory', async () => {
  const code = 'try: print(len(bytearray(400_000_000)))\nexcept MemoryError: print(-1)';
  expect(await told(code, { limits: { ...limits, addressSpaceBytes: 300_000_000 } })).toBe(-1);
  expect(await told(code)).toBe(400_000_000);
});

describe('the scientific packages compute', () => {
  test.each([
    ['numpy', 'import numpy\nprint(numpy.linalg.solve([[2.0, 1], [1, 3]], [1.0, 2]).round(6).tolist())', [0.2, 0.6]],
    ['scipy', 'from scipy import optimize\nprint(round(optimize.brentq(lambda x: x * x - 6.25, 0, 9), 6))', 2.5],
    ['networkx', 'import networkx\nprint(networkx.shortest_path_length(networkx.cycle_graph(10), 0, 7))', 3],
    [
      'matplotlib',
      'import matplotlib\nmatplotlib.use("Agg")\nimport matplotlib.pyplot as plot\nplot.plot([1, 2]); plot.title("t"); plot.savefig("tmp/p.png")\nprint(json.dumps(open("tmp/p.png", "rb").read(4).hex()))',
      '89504e47',
    ],
  ])('%s', async (_, code, answer) => {
    expect(await told(code)).toEqual(answer);
  });
});
