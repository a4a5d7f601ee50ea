import { describe, expect, test, vi } from 'vitest';
import { readPythonJson } from '../../src/python-json/read-python-json.ts';
import { runHere } from './run-here.ts';
import { safeExecHere } from './safe-exec-here.ts';

// Each run is another process, which may have to wait for a processor.
vi.setConfig({ testTimeout: 60_000 });

/** What codejail's own program does with code, as plainly as can be: the frame of `exec` in a traceback is the same. */
const plainProgram = `import json, sys
sys.stdout = open('/dev/null', 'w')
code, g_dict = json.load(sys.stdin)
exec(code, g_dict)
`;

interface End {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

async function endOfPlainProgram(code: string): Promise<End> {
  const job = {
    profile: 'codejail',
    files: [{ path: 'jailed_code', content: plainProgram }],
    commands: [{ argv: ['python3', '-E', '-B', 'jailed_code'], stdin: JSON.stringify([code, {}]) }],
  };
  return withoutPlace(await runHere(job, {}));
}

/** The directory and the line in `jailed_code` are each program's own. */
function withoutPlace({ status, signal, stderr }: End): End {
  return {
    status,
    signal,
    stderr: stderr.replaceAll(/File "[^"]*jailed_code", line \d+/g, 'File "jailed_code", line N'),
  };
}

const error = (text: string): string => `class E(Exception):\n  def __str__(self): ${text}\nraise E()`;

describe('code that fails ends as it does in a plain Python, with the same status and the same words', () => {
  test.each([
    ['an exception', 'def f(): return 1/0\nf()'],
    ['one with a lone surrogate, a NUL and a line end', 'raise Exception("\\ud800\\0\\né")'],
    ['one that cannot be shown', error('raise ValueError("no")')],
    ['one whose text is none', error('return 5')],
    ['one raised from another', 'try:\n  1/0\nexcept Exception as e:\n  raise KeyError("k") from e'],
    ['one during another', 'try:\n  1/0\nexcept Exception:\n  raise KeyError("k")'],
    ['one that is no Exception', 'class E(BaseException): pass\nraise E("x")'],
    ['MemoryError', 'x = [0] * 2**60'],
    ['RecursionError', 'def f(): f()\nf()'],
    ['an interrupt', 'raise KeyboardInterrupt'],
    ['a wrong name', 'import math\nmath.sqr'],
    ['a module that is not there', 'import absent_module'],
    ['SyntaxError with its place', 'é = 1\nabc = 1 +* é'],
    ['SyntaxError of brackets', 'x = (1,\ny = 2'],
    ['IndentationError', 'if 1:\nx = 1'],
    ['TabError', 'if 1:\n\tx = 1\n        y = 2'],
    ['a NUL in the code', 'x = 1\0'],
    ['a lone surrogate in the code', 'x = "\ud800"'],
    ['return', 'return 5'],
    ['exit with a number', 'import sys; sys.exit(3)'],
    ['exit with a negative number', 'import sys; sys.exit(-1)'],
    ['exit with a huge number', 'import sys; sys.exit(2**70)'],
    ['exit with a text', 'import sys; sys.exit("bye é")'],
    ['exit with an object', 'raise SystemExit([1, 2])'],
    ['a number by os._exit', 'import os; os._exit(7)'],
    [
      'os._exit in a thread',
      'import os, threading\nt = threading.Thread(target=lambda: os._exit(4))\nt.start(); t.join()',
    ],
    ['a signal', 'import os; os.kill(os.getpid(), 11)'],
    ['a handler at its end', 'import atexit, sys\natexit.register(lambda: sys.stderr.write("bye"))\n1/0'],
    ['a hook of its own', 'import sys\nsys.excepthook = lambda *_: sys.stderr.write("mine")\n1/0'],
    ['a closed stderr', 'import os\nos.close(2)\n1/0'],
  ])('%s', async (_, code) => {
    const { globalsJson, ...end } = await safeExecHere(code);
    expect(globalsJson).toBeNull();
    expect(withoutPlace(end)).toEqual(await endOfPlainProgram(code));
  });
});

describe('code that changes its interpreter has its globals', () => {
  test.each([
    ['closes what is open', 'import os\nos.closerange(0, 256)\ndel os'],
    ['leaves no descriptor free', 'import resource as r\nr.setrlimit(r.RLIMIT_NOFILE, (3, 3))'],
    ['stands in a directory that is gone', 'import os\nos.mkdir("tmp/a"); os.chdir("tmp/a"); os.rmdir("../a")'],
    ['replaces built-in names', 'import builtins\nbuiltins.isinstance = builtins.len = None'],
    [
      'takes built-in names away',
      'import builtins\nfor name in ("list", "str", "dict", "Exception"): delattr(builtins, name)\ndel name',
    ],
    ['has built-in names of its own', '__builtins__ = {}\nopen = list = str = None\ndel open, list, str'],
    ['replaces modules', 'import sys, json\njson.dumps = json.loads = None\nsys.modules.clear()'],
    ['uses the names of the runner', 'sys = code = g_dict = finish = exec = 5\ndel sys, code, g_dict, finish, exec'],
    ['has no stderr', 'import sys\nsys.stderr = None'],
    ['leaves a thread', 'import threading, time\nthreading.Thread(target=time.sleep, args=(50,)).start()'],
    ['leaves a handler that fails', 'import atexit, os\natexit.register(os._exit, 9)'],
    ['allows itself long ints', 'import sys\nsys.set_int_max_str_digits(0)\nlong = 10**5000'],
  ])('when it %s', async (_, code) => {
    const { globalsJson, status } = await safeExecHere(`x = [1, b"2"]\n${code}`);
    expect(status).toBe(0);
    expect(readPythonJson(globalsJson ?? 'null')).toEqual({ x: [1, '2'] });
  });
});
