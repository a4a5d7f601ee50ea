import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Door, startDoor } from './support/door.ts';
import { makeZip, runPython } from './support/python.ts';
import { callAsEdx, compareGlobals, makeGlobals } from './support/python-scripts.ts';

/** What clients of codejail-service get of this door, with code that really runs; what that code meets in its jail is in the contract. */
let door: Door;
beforeAll(async () => {
  door = await startDoor();
});
afterAll(() => door?.close());

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

  test('names of the runner and of Python are globals like others, but for __builtins__, which the code has its own of', async () => {
    const sent = '{"__builtins__":5,"a":1,"a":2,"code":1,"g_dict":2,"finish":3,"__name__":"m"}';
    const { text } = await door.call('b = [a, code, __name__, len("xy")]', sent);
    expect(text).toBe(`{"globals_dict":${sent.replace('"a":1,', '').slice(0, -1)},"b":[2,1,"m",2]}}`);
  });

  test('a umask that lets nobody read its files is not that of the answer', async () => {
    expect(await door.globals('import os\nos.umask(0o777)\nx = 1')).toEqual({ x: 1 });
  });

  test('what it prints is not in the answer', async () => {
    expect(await door.globals('print(\'{"x": 1}\')\nx = 2')).toEqual({ x: 2 });
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

  test('is not there when it was not sent, whatever python_path says', async () => {
    const options = { payload: { python_path: ['python_lib.zip', 'python_lib.zip'] } };
    expect(await door.globals('out = 1', {}, options)).toEqual({ out: 1 });
    expect(await door.emsg('import course', options)).toContain('ModuleNotFoundError');
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
