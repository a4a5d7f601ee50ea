import { execFileSync } from 'node:child_process';
import { SafeExecException, type SafeExecOptions, type PythonValue } from '@bullpen/client';
import { commandLimitsSchema } from '@bullpen/profiles';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { patience } from '../support/patience.ts';

const MIB = 1_048_576;
let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet?.close());

type Options = Omit<SafeExecOptions<Readonly<Record<string, PythonValue>>>, 'code' | 'schema'>;

/** Enough time for a busy machine; what is about limits says its own. */
const roomy = { CPU: 20, REALTIME: 20 * patience };

/** The globals that the code leaves. */
async function globalsOf(code: string, options: Options = {}): Promise<Readonly<Record<string, PythonValue>>> {
  const limits = { ...roomy, ...options.limits };
  return (await fleet.client.safeExec({ ...options, limits, code })).globals;
}

/** What the code's failure says. */
async function failureOf(code: string, options: Options = {}): Promise<SafeExecException> {
  const limits = { ...roomy, ...options.limits };
  const error: unknown = await fleet.client.safeExec({ ...options, limits, code }).then(
    ({ globalsJson }) => new Error(`The code did not fail: ${globalsJson}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof SafeExecException)) throw error;
  return error;
}

describe('globals', () => {
  test('go in and come out, with those that the code left over them', async () => {
    const globals = { a: 17, text: 'é😀', list: [1, [2.5, null]], map: { k: true }, removed: 1 };
    const code = 'b = a + 1\nlist.append((1, 2))\ndef f(): pass\nimport os\ns = {1}\ndel removed';
    expect(await globalsOf(code, { globals })).toEqual({
      ...globals,
      list: [1, [2.5, null], [1, 2]],
      b: 18,
    });
  });

  test('keep what JSON elsewhere loses', async () => {
    const globals = { nan: Number.NaN, big: 2n ** 70n, lone: '\ud800', negative: -0, inf: -Infinity };
    const { globals: left, globalsJson } = await fleet.client.safeExec({
      code: 'same = (nan != nan, big == 2**70, lone == "\\ud800", str(negative) == "-0.0", inf < 0)\nfloat_one = 1.0\nraw = b"\\xc3\\xa9"',
      globals,
      limits: roomy,
    });
    expect(left).toEqual({ ...globals, same: [true, true, true, true, true], float_one: 1, raw: 'é' });
    expect(globalsJson).toContain('"float_one":1.0');
  });

  test('are checked and typed by a schema', async () => {
    const schema = commandLimitsSchema.pick({ wallTimeMs: true, addressSpaceBytes: true });
    const code = 'wallTimeMs = 2 * wallTimeMs\naddressSpaceBytes = None';
    const { globals } = await fleet.client.safeExec({ code, globals: { wallTimeMs: 21 }, schema, limits: roomy });
    expect(globals.wallTimeMs.toFixed(1)).toBe('42.0');
    const wrong = fleet.client.safeExec({ code, globals: { wallTimeMs: '2' }, schema, limits: roomy });
    await expect(wrong).rejects.toThrow(
      'The globals that the code left are not as asked for: wallTimeMs must be a number, got "22".',
    );
  });
});

describe('failures have the text of codejail', () => {
  test('an exception: traceback with the frame of the code, status 1', async () => {
    const error = await failureOf('def f():\n    raise ValueError("it\'s \\"é\\"")\nf()');
    const shape =
      /^Couldn't execute jailed code: stdout: b'', stderr: b'Traceback \(most recent call last\):\\n {2}File "[^"]+\/jailed_code", line \d+, in <module>\\n {4}exec\(code, g_dict\)\\n {2}File "<string>", line 3, in <module>\\n {2}File "<string>", line 2, in f\\nValueError: it\\'s "\\xc3\\xa9"\\n' with status code: 1$/;
    expect(error.message).toMatch(shape);
    expect(error).toMatchObject({ reason: 'failed', status: 1, outcome: { kind: 'exited', exitCode: 1 } });
    expect(error.traceback).toMatch(/^Traceback[^]*ValueError: it's "é"\n$/);
  });

  test.each([
    ['import sys; sys.exit(3)', {}, 3],
    ['import sys; sys.exit("out")', {}, 1],
    ['import os; os._exit(7)', {}, 7],
    ['import os; os.abort()', {}, -6],
    ['import os, signal; os.kill(os.getpid(), signal.SIGSEGV)', {}, -11],
    ['import os, signal; os.kill(os.getpid(), signal.SIGTERM)', {}, -15],
    ['while True: pass', { CPU: 0.5 }, -24],
    ['import time; time.sleep(60)', { REALTIME: 0.5 }, -9],
    ['import os\nwhile True: os.write(1, b"x" * 65536)', {}, -9],
  ])('%j under %j has status %i', async (code, limits, status) => {
    const error = await failureOf(code, { limits });
    expect(error.status).toBe(status);
    expect(error.message).toMatch(
      new RegExp(`^Couldn't execute jailed code: stdout: b['"].* with status code: ${status}$`),
    );
  });

  test.each(['import sys; sys.exit(0)', 'import os; os._exit(0)', 'raise SystemExit'])(
    '%j leaves no globals, and the message says why',
    async (code) => {
      const error = await failureOf(code);
      expect(error).toMatchObject({ reason: 'no-answer', status: 0 });
      expect(error.message).toContain('ended Python with status 0 before its own end');
    },
  );

  test('without a limit that it exceeds the same code ends well', async () => {
    expect(await globalsOf('import time; time.sleep(0.6); x = sum(range(1000))')).toEqual({ x: 499_500 });
  });
});

/** Everything that code can do to what it takes for the answer's channel; a file of some name is all that is there besides stdout. */
const forgeries: readonly [string, string][] = [
  ['prints', 'print("{\\"x\\": 666}")'],
  ['writes to the real stdout', 'import sys; sys.__stdout__.write("{\\"x\\": 666}"); sys.__stdout__.flush()'],
  ['writes to descriptor 1', 'import os; os.write(1, b"{\\"x\\": 666}")'],
  [
    'writes to every open descriptor',
    'import os\nfor fd in range(256):\n    try: os.write(fd, b"{\\"x\\": 666}")\n    except OSError: pass',
  ],
  [
    'forks a child that goes on as it does',
    'import os\npid = os.fork()\nif pid == 0: x = 666\nelse: os.waitpid(pid, 0)',
  ],
  [
    'starts a process that prints later',
    'import os\nif os.fork() == 0:\n    import time; time.sleep(0.2); print(666); os._exit(0)',
  ],
  ['prints at exit', 'import atexit, os; atexit.register(lambda: os.write(1, b"{\\"x\\": 666}"))'],
  [
    'leaves a thread that prints',
    'import threading, time, os\nthreading.Thread(target=lambda: (time.sleep(30), os.write(1, b"666"))).start()',
  ],
  ['changes the directory', 'import os; os.chdir("tmp")'],
];

describe('an answer is not forged', () => {
  test.each(forgeries)('by code that %s', async (_, code) => {
    const left = await globalsOf(`x = 1\n${code}`);
    expect(left['x']).toBe(1);
  });

  test.each([
    ['of any name', '".answer"'],
    ['of a name like it', '".answer-" + "0" * 64'],
  ])('by a file %s', async (_, name) => {
    const code = `import os\nwith open(${name}, "w") as f: f.write("0" * 64 + "{\\"x\\": 666}")\nos._exit(0)`;
    expect(await failureOf(code, { limits: { FSIZE: MIB } })).toMatchObject({ reason: 'no-answer', status: 0 });
  });

  // The name stands in the runner's memory, so code that goes looking finds it.
  const findName =
    'import __main__, os\ncells = dict(zip(__main__.finish.__code__.co_freevars, __main__.finish.__closure__))\nname = cells["answer"].cell_contents\n';

  test('by a file that has its name, without the nonce', async () => {
    const code = `${findName}with open(name, "w") as f: f.write("0" * 64 + "{\\"x\\": 666}")\nos._exit(0)`;
    expect(await failureOf(code, { limits: { FSIZE: MIB } })).toMatchObject({ reason: 'no-answer', status: 0 });
  });

  test('by a link that has its name', async () => {
    const link = `${findName}os.symlink("tmp/f", name)`;
    expect((await failureOf(link)).traceback).toContain('FileExistsError');
    const other = `${findName}with open("tmp/f", "w") as f: f.write("0" * 64 + "{}")\ntry: os.link("tmp/f", name)\nexcept OSError: pass\nos._exit(0)`;
    expect(await failureOf(other, { limits: { FSIZE: MIB } })).toMatchObject({ reason: 'no-answer', status: 0 });
  });
});

describe('limits', () => {
  test('VMEM: a program that needs more sees a MemoryError', async () => {
    const code = 'a = bytearray(400 * 2**20)\nsize = len(a)';
    expect((await failureOf(code, { limits: { VMEM: 256 * MIB } })).message).toMatch(
      /MemoryError\\n' with status code: 1$/,
    );
    expect(await globalsOf(code, { limits: { VMEM: 800 * MIB } })).toEqual({ size: 400 * MIB });
  });

  test('FSIZE: at 0 nothing is written, else files of its size, and the answer in any case', async () => {
    const code = 'with open("tmp/f", "wb", 0) as f: n = f.write(b"x" * size)';
    const tooLarge = 'OSError: [Errno 27] File too large';
    expect((await failureOf(code, { globals: { size: 1 } })).traceback).toContain(tooLarge);
    expect(await globalsOf(code, { globals: { size: 5000 }, limits: { FSIZE: 5000 } })).toMatchObject({ n: 5000 });
    expect(await globalsOf(code, { globals: { size: 5001 }, limits: { FSIZE: 5000 } })).toMatchObject({ n: 5000 });
    expect(await globalsOf('x = 1')).toEqual({ x: 1 });
  });

  test('FSIZE: code that raises its own limit stays below that of the job', async () => {
    const raise = 'import resource as r; r.setrlimit(r.RLIMIT_FSIZE, (r.getrlimit(r.RLIMIT_FSIZE)[1],) * 2)\n';
    const code = `${raise}with open("tmp/f", "wb", 0) as f: n = f.write(bytes(9 * 2**20))`;
    expect(await globalsOf(code)).toMatchObject({ n: 8 * MIB });
  });

  test('NPROC: processes and threads at a time, and numpy works at the default', async () => {
    const code = [
      'import os, time',
      'started = 0',
      'try:',
      '    while started < 40:',
      '        if os.fork() == 0: time.sleep(60); os._exit(0)',
      '        started += 1',
      'except BlockingIOError: pass',
    ].join('\n');
    expect(await globalsOf(code, { limits: { NPROC: 4 } })).toEqual({ started: 3 });
    expect(await globalsOf('import numpy\nx = float(numpy.dot([1.5, 2], [2, 4]))')).toEqual({ x: 11 });
  });

  test('a large answer and much output are fine, an answer above 8 MiB is not', async () => {
    expect((await globalsOf('x = "y" * (5 * 2**20)\nfor _ in range(10): print("z" * 2**20)'))['x']).toHaveLength(
      5 * MIB,
    );
    expect((await failureOf('x = "y" * (9 * 2**20)')).message).toMatch(
      /The globals take 9437\d+ bytes as JSON, and may take 8388608\./,
    );
  });
});

describe('the work directory', () => {
  test('holds the code, tmp and what was sent, and tmp can be written', async () => {
    const code = [
      'import os, tempfile',
      'entries = sorted(os.listdir("."))',
      'with tempfile.NamedTemporaryFile("w") as f:',
      '    f.write("x"); f.flush(); inside = os.path.dirname(f.name).endswith("tmp")',
      'variable = os.environ["TMPDIR"]',
      'with open("data/input.txt") as f: text = f.read()',
    ].join('\n');
    const files = [{ path: 'data/input.txt', content: 'sent' }];
    expect(
      await globalsOf(code, { files, extraFiles: [['more.bin', Buffer.of(0, 255)]], limits: { FSIZE: 10 } }),
    ).toEqual({
      entries: ['data', 'jailed_code', 'more.bin', 'tmp'],
      inside: true,
      variable: 'tmp',
      text: 'sent',
    });
  });

  test('gives modules of a directory and of a zip file by python path', async () => {
    const zip = execFileSync('/usr/bin/python3', [
      ...[
        '-c',
        'import io, sys, zipfile; b = io.BytesIO(); z = zipfile.ZipFile(b, "w"); z.writestr("zipped.py", "y = 2"); z.close(); sys.stdout.buffer.write(b.getvalue())',
      ],
    ]);
    const options = {
      files: [{ path: 'lib/plain.py', content: 'x = 1' }],
      extraFiles: [['python_lib.zip', zip] as const],
      pythonPath: ['lib', 'python_lib.zip'],
    };
    const code = 'import plain, zipped\na, b = plain.x, zipped.y';
    expect(await globalsOf(code, options)).toEqual({ a: 1, b: 2 });
    expect((await failureOf(code, { ...options, pythonPath: ['lib'] })).message).toContain(
      "No module named \\'zipped\\'",
    );
  });
});

test("numpy, scipy, networkx and matplotlib work at codejail's defaults but for the time", async () => {
  const code = [
    'import numpy, scipy.optimize, networkx, matplotlib.pyplot as plot',
    'root = round(float(scipy.optimize.brentq(lambda x: x * x - 4, 0, 10)), 6)',
    'hops = networkx.shortest_path_length(networkx.path_graph(5), 0, 4)',
    'plot.plot(numpy.arange(3)); plot.savefig("tmp/plot.png")',
    'import os; drawn = os.path.getsize("tmp/plot.png") > 1000',
  ].join('\n');
  const limits = { FSIZE: MIB };
  expect(await globalsOf(code, { limits })).toMatchObject({ root: 2, hops: 4, drawn: true });
});
