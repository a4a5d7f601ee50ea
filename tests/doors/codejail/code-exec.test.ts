import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Door, patientLimits, startDoor } from './support/door.ts';
import { makeZip, runPython } from './support/python.ts';
import { callAsEdx, compareGlobals, makeGlobals } from './support/python-scripts.ts';

/** What clients of codejail-service get of this door, with code that really runs. */
const mebibyte = 2 ** 20;
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
      },
    },
  });
});
afterAll(() => door?.close());

const denied = (path: string): string => `PermissionError: [Errno 13] Permission denied: \\'${path}\\'`;

describe('code that ends', () => {
  test('is answered with its globals and nothing else', async () => {
    const { status, headers, text } = await door.call('x = x + 1', { x: 16 });
    expect([status, headers.get('content-type'), text]).toEqual([200, 'application/json', '{"globals_dict":{"x":17}}']);
  });

  test('globals pass byte for byte where JSON.parse would change them', async () => {
    const values = [
      'NaN',
      'Infinity',
      '-Infinity',
      '1.0',
      '-0.0',
      '1e-07',
      '123456789012345678901234567890',
      '"\\ud800"',
      '"\\u00e9\\ud83d\\ude00\\u0000\\u2028"',
      '[[],{},null,true,false]',
      '{"":"","__proto__":1}',
    ];
    const globals = `{${values.map((value, index) => `"v${index}":${value}`).join(',')}}`;
    expect((await door.call('pass', globals)).text).toBe(`{"globals_dict":${globals}}`);
  });

  test('any globals that Python makes come back equal to Python', async () => {
    const sent = (await runPython(makeGlobals)).toString().trim().split('\n');
    const texts = await Promise.all(sent.map(async (globals) => (await door.call('pass', globals)).text));
    const pairs = sent.map((globals, index) => `${globals}\t${texts[index]}`).join('\n');
    expect((await runPython(compareGlobals, pairs)).toString()).toBe(`${sent.length} equal\n`);
  });

  test('what has no JSON is left out, what has another form in JSON is changed', async () => {
    const code =
      'import math\na = (1, 2)\nb = {1: b"x"}\nc = {1, 2}\nd = lambda: 0\ne = b"\\xff"\nf = 1j\ng = 10 ** 5000';
    expect(await door.globals(code)).toEqual({ a: [1, 2], b: { '1': 'x' } });
  });

  test('globals that the code deletes, or turns into what has no JSON, keep their value', async () => {
    const { text } = await door.call('del a\nb = lambda: 0\nc = 4', '{"a":1.0,"b":[NaN],"c":3}');
    expect(text).toBe('{"globals_dict":{"a":1.0,"b":[NaN],"c":4}}');
  });

  test('a umask that lets nobody read its files is not that of the answer', async () => {
    expect(await door.globals('import os\nos.umask(0o777)\nx = 1')).toEqual({ x: 1 });
  });

  test('what it prints is not in the answer', async () => {
    expect(await door.globals('print(\'{"x": 1}\')\nx = 2')).toEqual({ x: 2 });
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

describe('the library of a course', () => {
  const library = () =>
    makeZip(
      "z.writestr('course/__init__.py', '')\nz.writestr('course/sums.py', 'def triangle(n): return sum(range(n + 1))')",
    );

  test('is imported when python_path names it', async () => {
    const code = 'import sys\nfrom course.sums import triangle\nout = triangle(6)\nlast = sys.path[-1]';
    const options = { library: await library(), payload: { python_path: ['python_lib.zip'] } };
    expect(await door.globals(code, {}, options)).toEqual({ out: 21, last: 'python_lib.zip' });
  });

  test('is there but not imported when python_path does not', async () => {
    const options = { library: await library(), payload: { python_path: null } };
    expect(await door.globals('import os\nout = sorted(os.listdir("."))', {}, options)).toEqual({
      out: ['jailed_code', 'python_lib.zip', 'tmp'],
    });
    expect(await door.emsg('import course', options)).toContain("ModuleNotFoundError: No module named \\'course\\'");
  });

  test('a Python client that sends it as requests does is understood', async () => {
    const answer = JSON.parse((await runPython(callAsEdx(door.origin), await library())).toString()) as unknown;
    expect(answer).toEqual([200, 'application/json', { globals_dict: { input: 6, out: 21 } }]);
  });

  test('10 MB of it arrive whole', async () => {
    const code = 'import hashlib\nout = hashlib.md5(open("python_lib.zip", "rb").read()).hexdigest()';
    const { out } = await door.globals(code, {}, { library: Buffer.alloc(10_000_000, 'x\r\n--') });
    const script = 'import hashlib\nprint(hashlib.md5((b"x\\r\\n--" * 2000000)).hexdigest(), end="")';
    expect(out).toBe((await runPython(script)).toString());
  });
});

describe('limits of a course', () => {
  const of = (course: string) => ({ payload: { limit_overrides_context: course } });
  const spin = 'import time\nend = time.process_time() + 0.5\nwhile time.process_time() < end: pass\nout = 1';
  const sleep = 'import time\ntime.sleep(0.5)\nout = 1';
  const fill = 'out = len(bytearray(300 << 20))';
  const write = 'with open("tmp/f", "wb") as f:\n    f.write(bytes(2000))\nout = 1';
  const fork =
    'import os, time\nfor _ in range(4):\n    if os.fork() == 0:\n        time.sleep(1)\n        os._exit(0)\nout = 1';

  test.each([
    ['cpu', spin, 'status code: -24'],
    ['realtime', sleep, 'status code: -9'],
    ['vmem', fill, 'MemoryError'],
    ['fsize', write, 'OSError: [Errno 27] File too large'],
    ['nproc', fork, 'BlockingIOError: [Errno 11] Resource temporarily unavailable'],
  ])('%s', async (course, code, expected) => {
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
    expect(performance.now() - startedMs).toBeLessThan(3000);
  });

  test('PROXY changes nothing', async () => {
    expect(await door.globals('out = 1', {}, of('proxy'))).toEqual({ out: 1 });
  });
});

describe('the place where code runs', () => {
  test('holds the code, tmp and what was sent, and nothing else', async () => {
    expect(await door.globals('import os\nout = sorted(os.listdir("."))\ntmp = os.listdir("tmp")')).toEqual({
      out: ['jailed_code', 'tmp'],
      tmp: [],
    });
  });

  test('has the environment of its profile and three descriptors, and nothing else of the worker', async () => {
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

  test('tmp can be written, and is where temporary files go', async () => {
    const code =
      'import tempfile\nwith tempfile.TemporaryFile() as f: f.write(b"x")\nopen("tmp/f", "w").write("a")\nout = open("tmp/f").read()\ndirectory = tempfile.gettempdir()';
    const { out, directory } = await door.globals(code);
    expect(out).toBe('a');
    expect(directory).toMatch(/tmp$/);
  });

  test.each(['/etc/passwd', '/etc/hosts', '/proc/1/cmdline'])('the file %s is closed, not absent', async (path) => {
    expect(await door.emsg(`open(${JSON.stringify(path)})`)).toContain(denied(path));
  });

  test.each(['/', '/tmp', '..', '../', '/proc', '/sys', '/etc', '/home'])(
    'the directory %s is closed',
    async (path) => {
      expect(await door.emsg(`import os\nos.listdir(${JSON.stringify(path)})`)).toContain(denied(path));
    },
  );

  test.each(['/tmp/x', '../x', '/etc/x'])('%s cannot be written', async (path) => {
    expect(await door.emsg(`open(${JSON.stringify(path)}, "w")`)).toContain(denied(path));
  });

  test.each(['AF_INET, socket.SOCK_STREAM', 'AF_INET6, socket.SOCK_DGRAM', 'AF_NETLINK, socket.SOCK_RAW'])(
    'a socket of %s cannot be made',
    async (family) => {
      const emsg = await door.emsg(`import socket\nsocket.socket(socket.${family})`);
      expect(emsg).toContain('PermissionError: [Errno 13] Permission denied');
    },
  );

  test.each(['"/usr/bin/true"', '"/usr/bin/ls"', '"date"', 'sys.executable'])(
    '%s cannot be started',
    async (program) => {
      const emsg = await door.emsg(`import subprocess, sys\nsubprocess.run(${program})`);
      expect(emsg).toContain('PermissionError: [Errno 13] Permission denied');
    },
  );

  test('numpy, scipy, networkx and matplotlib work', async () => {
    const code = `
import numpy, scipy.linalg, networkx
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
det = round(float(scipy.linalg.det(numpy.array([[1.0, 2.0], [3.0, 4.0]]))), 6)
path = networkx.shortest_path(networkx.cycle_graph(5), 0, 3)
plt.plot([1, 2]); plt.savefig("tmp/plot.png")
import os
size = os.path.getsize("tmp/plot.png") > 1000
`;
    expect(await door.globals(code)).toMatchObject({ det: -2, path: [0, 4, 3], size: true });
  });
});

describe('what is refused', () => {
  test('a GET, with the allowed methods', async () => {
    const response = await fetch(`${door.origin}/api/v0/code-exec`);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
    expect(await response.text()).toBe('{"detail":"Method \\"GET\\" not allowed."}');
  });

  test('a JSON body', async () => {
    const { status, headers, text } = await door.post({ body: '{}', headers: { 'content-type': 'application/json' } });
    expect([status, headers.get('content-type')]).toEqual([415, 'application/json']);
    expect(text).toBe('{"detail":"Unsupported media type \\"application/json\\" in request."}');
  });

  test('a slash at the end', async () => {
    expect((await fetch(`${door.origin}/api/v0/code-exec/`, { method: 'POST' })).status).toBe(404);
  });

  test('unsafely', async () => {
    const { status, text } = await door.call('x = 1', {}, { payload: { unsafely: true } });
    expect([status, text]).toEqual([400, '{"error":"Refusing codejail execution with unsafely=true"}']);
  });

  test('a wrong type, in words of jsonschema', async () => {
    const { status, text } = await door.call('x = 1', {}, { payload: { slug: 5 } });
    expect([status, text]).toEqual([
      400,
      '{"error":"Payload JSON did not match schema at path $.slug: 5 is not valid under any of the given schemas"}',
    ]);
  });
});

describe('health', () => {
  test('is OK since the checks have passed on the fleet', async () => {
    const response = await fetch(`${door.origin}/health/`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await response.text()).toBe('{"status": "OK"}');
  });

  test('has a slash at its end', async () => {
    const response = await fetch(`${door.origin}/health`, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([301, '/health/']);
  });
});
