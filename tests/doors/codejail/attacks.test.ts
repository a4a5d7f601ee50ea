import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { patience } from '../../support/patience.ts';
import { type Answer, type Door, patientLimits, startDoor } from './support/door.ts';
import { makeZip, runPython } from './support/python.ts';

/** Hostile code and hostile requests: each is answered in bounded time, and the door goes on. */
let door: Door;
beforeAll(async () => {
  door = await startDoor({ policy: { limits: { ...patientLimits, FSIZE: 2 ** 20 } } });
});
afterAll(() => door?.close());

const goodPayload = '{"code":"out = 1","globals_dict":{}}';
const goodAnswer = '{"globals_dict":{"out":1}}';

/** URLSearchParams takes seconds for megabytes. */
const urlencoded = (payload: string): RequestInit => ({
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: `payload=${encodeURIComponent(payload)}`,
});

async function within<Value>(milliseconds: number, work: Promise<Value>): Promise<Value> {
  const startedMs = performance.now();
  const value = await work;
  expect(performance.now() - startedMs).toBeLessThan(milliseconds);
  return value;
}

describe('code that forges its answer', () => {
  test('by printing one on every descriptor and leaving has no globals', async () => {
    const code = `
import os
for fd in range(64):
    try: os.write(fd, b'{"globals_dict": {"forged": 1}}\\n{"forged": 1}')
    except OSError: pass
os._exit(0)`;
    const emsg = await door.emsg(code);
    expect(emsg).toContain('ended Python with status 0 before its own end');
    expect(emsg).not.toContain('forged');
  });

  test('by printing one and going on has the globals that it has', async () => {
    const code = `
import os
for fd in range(1, 64):
    try: os.write(fd, b'{"forged": 1}')
    except OSError: pass
del fd
os = None
out = 2`;
    expect(await door.globals(code)).toEqual({ out: 2, os: null });
  });

  test('in files whose names it guesses has no globals', async () => {
    const code = `
import os
for name in ('answer', '.answer', 'globals', 'result.json', 'tmp/answer'):
    open(name, 'w').write('{"forged": 1}')
os._exit(0)`;
    expect(await door.emsg(code)).not.toContain('forged');
  });

  test('in a child that goes on after the fork is not heard', async () => {
    const code =
      'import os, time\nout = "parent"\nif os.fork() == 0:\n    out = "child"\nelse:\n    time.sleep(0.3)\ndel os, time';
    expect(await door.globals(code)).toEqual({ out: 'parent' });
  });
});

describe('code that holds the call', () => {
  test('orphans with all descriptors open do not', async () => {
    const code =
      'import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: time.sleep(60)\n    os._exit(0)\nout = 1';
    expect(await within(4000, door.globals(code))).toMatchObject({ out: 1 });
  });

  test('an endless output does not, and its emsg is bounded', async () => {
    const code = 'import os\nwhile True: os.write(1, b"\\0" * 65536)';
    const emsg = await door.emsg(code);
    expect(emsg).toContain('status code: -9');
    expect(emsg.length).toBeLessThan(2 ** 23);
  });

  test('giant globals do not', async () => {
    expect(await door.emsg('out = "x" * (9 << 20)')).toMatch(/globals take \d+ bytes.*may take \d+|too large/);
    const { out } = await door.globals('out = "x" * (6 << 20)');
    expect(out).toHaveLength(6 << 20);
  });

  test('globals nested without end are left out', async () => {
    expect(await door.globals('a = []\nfor _ in range(100000): a = [a]\nb = 1\nc = []\nc.append(c)\ndel _')).toEqual({
      b: 1,
    });
  });
});

describe('libraries that are no good zip files', () => {
  const use = { payload: { python_path: ['python_lib.zip'] } };

  test.each([
    [
      'names with ..',
      "z.writestr('../evil.py', 'x = 1')\nz.writestr('/tmp/evil.py', 'x = 1')",
      'import os\nout = sorted(os.listdir("."))',
    ],
    [
      'a link',
      "i = zipfile.ZipInfo('evil.py')\ni.external_attr = 0o120777 << 16\nz.writestr(i, '/etc/passwd')",
      'import os\nout = sorted(os.listdir("."))',
    ],
  ])('one with %s is never unpacked', async (_, script, code) => {
    const library = await makeZip(script);
    expect(await door.globals(code, {}, { ...use, library })).toEqual({
      out: ['jailed_code', 'python_lib.zip', 'tmp'],
    });
    expect(await door.emsg('import evil', { ...use, library })).toMatch(
      /ModuleNotFoundError|SyntaxError|invalid syntax/,
    );
  });

  test('one whose module is 10 GB of zeros ends its own jail only', async () => {
    const library = await runPython(bomb);
    expect(library.length).toBeLessThan(2 ** 24);
    expect(await door.emsg('import bomb', { ...use, library })).toMatch(/MemoryError|status code: -9|status code: -24/);
    expect(await door.globals('out = 1')).toEqual({ out: 1 });
  });

  test('an encrypted one fails in the jail', async () => {
    const library = await makeZip("z.writestr('secret.py', 'x = 1')");
    for (const header of ['PK\x03\x04', 'PK\x01\x02']) {
      const flags = library.indexOf(Buffer.from(header, 'latin1')) + (header === 'PK\x03\x04' ? 6 : 8);
      library[flags] = (library[flags] ?? 0) | 1;
    }
    // Python's zipimport does not look at the flag: what matters is that whatever it does stays in the jail.
    expect((await door.call('import secret', {}, { ...use, library })).status).toBe(200);
  });

  test.each([
    ['nothing', ''],
    ['a text', 'import os'],
    ['a broken end', 'PK\x05\x06'.padEnd(22, '\xff')],
  ])('one that is %s has no modules', async (_, text) => {
    const library = Buffer.from(text, 'latin1');
    expect(await door.emsg('import course', { ...use, library })).toContain('ModuleNotFoundError');
    expect(await door.globals('out = 1', {}, { ...use, library })).toEqual({ out: 1 });
  });
});

/** A zip file whose only module unpacks to 10 GiB: one compressed block of zeros, again and again. */
const bomb = `
import struct, sys, zlib
c = zlib.compressobj(9, zlib.DEFLATED, -15)
block = c.compress(bytes(1 << 24)) + c.flush(zlib.Z_FULL_FLUSH)
data = block * 640 + b'\\x03\\x00'
name = b'bomb.py'
fields = struct.pack('<HHHHHIIIHH', 20, 0, 8, 0, 33, 0, len(data), 100, len(name), 0)
entry = b'PK\\x03\\x04' + fields + name + data
central = b'PK\\x01\\x02' + struct.pack('<H', 20) + fields + struct.pack('<HHHII', 0, 0, 0, 0, 0) + name
end = b'PK\\x05\\x06' + struct.pack('<HHHHIIH', 0, 0, 1, 1, len(central), len(entry), 0)
sys.stdout.buffer.write(entry + central + end)
`;

describe('hostile requests', () => {
  const post = (parts: readonly (readonly [name: string, content: string, fileName?: string])[]): Promise<Answer> => {
    const body = parts.map(([name, content, fileName]) => {
      const file = fileName === undefined ? '' : `; filename="${fileName}"`;
      return `--B\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${content}\r\n`;
    });
    const headers = { 'content-type': 'multipart/form-data; boundary=B' };
    return door.post({ headers, body: `${body.join('')}--B--\r\n` });
  };

  test.each([
    '../python_lib.zip',
    '/etc/passwd',
    './python_lib.zip',
    'python_lib.zip/',
    'jailed_code',
    'tmp/x',
    'python_lib.zip\\0',
  ])('a file part named %s is refused', async (name) => {
    const { status, text } = await post([
      ['payload', goodPayload],
      [name, 'x', 'f'],
    ]);
    expect([status, text]).toEqual([400, `{"error":"Only allowed name for uploaded file is 'python_lib.zip'"}`]);
  });

  test.each(['../../etc/passwd', '/etc/passwd', 'jailed_code', '..'])(
    'a file name %s is not looked at',
    async (fileName) => {
      const payload = '{"code":"import os\\nout = sorted(os.listdir(\\".\\"))","globals_dict":{}}';
      const { text } = await post([
        ['payload', payload],
        ['python_lib.zip', 'x', fileName],
      ]);
      expect(text).toBe('{"globals_dict":{"out":["jailed_code","python_lib.zip","tmp"]}}');
    },
  );

  test('of several payloads and libraries the last counts', async () => {
    const payload = '{"code":"with open(\\"python_lib.zip\\") as f: out = f.read()\\ndel f","globals_dict":{}}';
    const { text } = await post([
      ['payload', 'not JSON'],
      ['python_lib.zip', 'first', 'a'],
      ['payload', payload],
      ['python_lib.zip', 'second', 'b'],
    ]);
    expect(text).toBe('{"globals_dict":{"out":"second"}}');
  });

  test.each([
    ['nested a million deep', '['.repeat(1_000_000), 400],
    ['with globals nested deep', `{"code":"","globals_dict":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`, 400],
    ['of a million keys', `{${'"a":1,'.repeat(1_000_000)}"b":1}`, 400],
    ['of nine megabytes', `{"code":"${'x'.repeat(9 * 2 ** 20)}","globals_dict":{}}`, 413],
    ['of an int of 5000 digits', `{"code":"","globals_dict":{"a":${'9'.repeat(5000)}}}`, 400],
  ])('a payload %s is refused in bounded time', async (_, payload, expected) => {
    const { status, text } = await within(5000, door.post(urlencoded(payload)));
    expect(status).toBe(expected);
    expect(JSON.parse(text)).toHaveProperty('error');
  });

  test('a body above the bound is refused before it is read', async () => {
    const { status, headers, text } = await within(5000, door.post(urlencoded('x'.repeat(34 << 20))));
    expect([status, headers.get('content-type')]).toEqual([413, 'application/json']);
    expect(JSON.parse(text)).toEqual({ error: 'A body may have at most 33554432 bytes.' });
  });

  test('large libraries that come together do not hold up the door', async () => {
    const library = Buffer.alloc(20_000_000);
    const calls = Array.from({ length: 3 }, () => door.call('out = 1', {}, { library }));
    expect(
      await within(
        5000 * patience,
        fetch(`${door.origin}/live`).then(({ status }) => status),
      ),
    ).toBe(200);
    const answers = await Promise.all(calls);
    // The gateway's own bound of all bodies may turn some away before the door sees them.
    for (const { status } of answers) expect([200, 503]).toContain(status);
    expect(answers.map(({ text }) => text)).toContain(goodAnswer);
  });

  test('a flood of headers is refused', async () => {
    const headers = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`x-${index}`, 'y'.repeat(50)]));
    expect((await door.post({ headers, body: new URLSearchParams({ payload: goodPayload }) })).status).toBe(431);
  });

  test('a flood of parts is refused', async () => {
    const { status } = await within(5000, post(Array.from({ length: 100_000 }, () => ['a', ''] as const)));
    expect(status).toBe(413);
  });

  test('a course named like a property of every object has the default limits', async () => {
    for (const course of ['__proto__', 'constructor', 'toString']) {
      const options = { payload: { limit_overrides_context: course, slug: '\ud800\0\n' } };
      expect((await door.call('out = 1', {}, options)).text).toBe(goodAnswer);
    }
  });
});
