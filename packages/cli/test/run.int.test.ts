import { createReadStream } from 'node:fs';
import { resultSchema } from '@bullpen/protocol';
import { execa } from 'execa';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../../tests/support/eventually.ts';
import { familyOf, nameOf } from '../../../tests/support/host-count.ts';
import { readCliConfig } from '../src/config.ts';
import { checkout } from '../src/fleet/checkout.ts';
import { chooseWorkerIdentity } from '../src/fleet/choose-worker-identity.ts';
import { startEmbeddedRedis } from '../src/fleet/embedded-redis.ts';
import { findRedisServer } from '../src/fleet/find-redis-server.ts';
import { makeOwnPlace } from './support/own-place.ts';
import { runCli, startCli, textOf } from './support/run-cli.ts';
import { makeScratch } from './support/scratch.ts';

const scratch = makeScratch();
afterAll(() => scratch.remove());

describe('run', () => {
  it('prints both streams of the program byte for byte and exits with its code', async () => {
    const file = scratch.write(
      'bytes.py',
      'import sys\nsys.stdout.buffer.write(b"\\xff\\x00 no newline")\nsys.stderr.buffer.write(b"\\xfe")\nsys.exit(7)\n',
    );
    const run = await runCli(['run', file]);
    expect(Buffer.from(run.stdout)).toEqual(Buffer.from([0xff, 0, ...Buffer.from(' no newline')]));
    expect(run.stderr).toBe('\uFFFD');
    expect(run.exitCode).toBe(7);
  });

  it('passes arguments on, those that look like options after "--"', async () => {
    const file = scratch.write('args.sh', 'printf "%s\\n" "$@"');
    const run = await runCli(['run', file, 'one', '--', '--two', '-3']);
    expect(textOf(run.stdout)).toBe('one\n--two\n-3\n');
  });

  it('takes its own options behind the file, too', async () => {
    const file = scratch.write('slow.sh', 'sleep 60');
    const run = await runCli(['run', file, '--timeout', '200ms']);
    expect(run.exitCode).toBe(124);
  });

  it('gives the program standard input from a file or from our own', async () => {
    const file = scratch.write('cat.sh', 'cat');
    const fromFile = await runCli(['run', '--stdin', scratch.write('in.txt', 'from a file'), file]);
    expect(textOf(fromFile.stdout)).toBe('from a file');
    const fromUs = await runCli(['run', '--stdin', '-', file], { stdin: new Uint8Array([0xff, 0x0a]) });
    expect(Buffer.from(fromUs.stdout)).toEqual(Buffer.from([0xff, 0x0a]));
  });

  it('reads standard input that is large and comes slowly, and says when it is too large', async () => {
    const file = scratch.write('count.sh', 'wc -c');
    const slow = execa({ shell: true })`for i in 1 2 3; do head -c 1000000 /dev/zero; sleep 0.3; done`;
    const child = startCli(['run', '--stdin', '-', file], { stdin: slow.stdout });
    expect(textOf((await child).stdout)).toBe('3000000\n');
    const endless = createReadStream('/dev/zero');
    const refused = await startCli(['run', '--stdin', '-', file], { stdin: endless });
    endless.destroy();
    expect(refused.exitCode).toBe(2);
    expect(textOf(refused.stderr)).toMatch(/^bullpen: --stdin - is larger than 32 MiB, .*\n$/);
  });

  it('puts other files beside the program', async () => {
    const file = scratch.write('read.py', 'print(open("data/deep/in.txt").read() + open("plain.txt").read())');
    const deep = scratch.write('source.txt', 'deep and ');
    const plain = scratch.write('plain.txt', 'plain');
    const run = await runCli(['run', '--file', `data/deep/in.txt=${deep}`, '--file', plain, file]);
    expect(textOf(run.stdout)).toBe('deep and plain\n');
  });

  it('says nothing of a compiler that succeeded', async () => {
    const file = scratch.write(
      'warn.c',
      '#include <stdio.h>\n#warning "careful"\nint main(void) { puts("ran"); return 3; }\n',
    );
    const run = await runCli(['run', file]);
    expect(textOf(run.stdout)).toBe('ran\n');
    expect(run.stderr).toBe('');
    expect(run.exitCode).toBe(3);
  });

  it('prints what the compiler says and exits with its code when it fails', async () => {
    const run = await runCli(['run', scratch.write('broken.c', 'int main(void) { return missing; }\n')]);
    expect(run.stderr).toContain("'missing' undeclared".replaceAll("'missing'", '‘missing’'));
    expect(run.exitCode).toBe(1);
  });

  it('takes the profile that it is told', async () => {
    const run = await runCli(['run', '--profile', 'pure-python', scratch.write('no-extension', 'print(6 * 7)')]);
    expect(textOf(run.stdout)).toBe('42\n');
  });

  it('prints the whole result as JSON and still exits as the program did', async () => {
    const run = await runCli(['run', '--json', scratch.write('five.py', 'print("five"); exit(5)')]);
    const result = resultSchema.parse(JSON.parse(textOf(run.stdout)));
    expect(result.commands[0]?.outcome).toEqual({ kind: 'exited', exitCode: 5 });
    expect(result.commands[0]?.stdout.data).toBe('five\n');
    expect(result.receipt?.layers.map(({ name }) => name)).toContain('seccomp');
    expect(run.exitCode).toBe(5);
  });
});

describe('a program that a limit ends', () => {
  it.each([
    ['more time', 'time.py', 'while True: pass', ['--timeout', '300ms'], 124, 'it ran longer than its 300 ms of time'],
    [
      'more CPU time',
      'cpu.py',
      'while True: pass',
      ['--limit', 'cpuTimeMs=300'],
      124,
      'it used more than its 300 ms of CPU time',
    ],
    [
      'more memory',
      'memory.py',
      'x = bytearray(b"x" * (1 << 29))',
      ['--memory', '64M'],
      137,
      'it used more than its 64 MiB of memory',
    ],
    [
      'more output',
      'flood.py',
      'while True: print("y" * 999)',
      ['--limit', 'outputBytes=2K'],
      137,
      'it wrote more than its 2 KiB of output',
    ],
  ])('for %s is told so in one line', async (_what, name, program, options, exitCode, sentence) => {
    const run = await runCli(['run', ...options, scratch.write(name, program)]);
    expect(run.exitCode).toBe(exitCode);
    expect(run.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(run.stderr).toContain(sentence);
  });

  it('exits with 128 and the number of the signal that ended it', async () => {
    const run = await runCli(['run', scratch.write('abort.py', 'import os; os.abort()')]);
    expect(run.exitCode).toBe(134);
    expect(run.stderr).toBe('bullpen: The program was ended by SIGABRT.\n');
  });
});

describe('a Redis that was named', () => {
  it('is used, and left as it was', async () => {
    const program = findRedisServer(readCliConfig().searchPath, checkout);
    const owner = chooseWorkerIdentity();
    const redis = await startEmbeddedRedis({ program, owner });
    const file = scratch.write('borrowed.py', 'print("borrowed")');
    // The worker that root starts becomes the owner of the socket's folder.
    const env = owner === null ? {} : { BULLPEN_WORKER_UID: String(owner.uid) };
    try {
      const run = await runCli(['run', '--redis', redis.socket, file], { env });
      expect(textOf(run.stdout)).toBe('borrowed\n');
      const connection = new Redis(redis.socket);
      expect(await connection.keys('*')).toEqual([]);
      connection.disconnect();
    } finally {
      await redis.close();
    }
  });
});

describe('Ctrl-C', () => {
  it('cancels the job and leaves nothing behind', async () => {
    const place = makeOwnPlace();
    onTestFinished(() => place.remove());
    const file = scratch.write('endless.sh', 'echo started; sleep 600');
    const running = startCli(['run', '--timeout', '60s', file], { env: place.env });
    // As the host sees it below this test: the CLI, its worker, the jailer and the jail.
    await eventually('the program runs', () => runningPrograms('sleep').length === 1, 20_000);
    const [program = 0] = runningPrograms('sleep');
    running.kill('SIGINT');
    const { exitCode } = await running;
    expect(exitCode).toBe(130);
    expect(nameOf(program)).not.toBe('sleep');
    expect(place.traces()).toEqual([]);
  });
});

const runningPrograms = (name: string): number[] => familyOf(process.pid).filter((pid) => nameOf(pid) === name);
