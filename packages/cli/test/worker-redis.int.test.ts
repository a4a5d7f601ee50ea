import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startRedis, type TestRedis } from '../../../tests/support/redis.ts';
import { runCli, startCli, textOf } from './support/run-cli.ts';
import { makeScratch } from './support/scratch.ts';

const scratch = makeScratch();
let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis();
  const admin = new Redis(redis.socket);
  await admin.config('SET', 'requirepass', 'right-horse');
  admin.disconnect();
});

afterAll(async () => {
  await redis.close();
  scratch.remove();
});

/** As operators say it who have more than a URL to say. */
const settings = (password?: string) => ({
  XDG_RUNTIME_DIR: scratch.folder,
  BULLPEN_SLOTS: '1',
  BULLPEN_REDIS: JSON.stringify({ path: redis.socket, ...(password === undefined ? {} : { password }) }),
});

describe('a worker whose Redis asks for a password', () => {
  it('takes jobs with the right one, named by BULLPEN_REDIS', async () => {
    const worker = startCli(['worker'], { env: settings('right-horse') });
    const { stderr } = worker.nodeChildProcess;
    const said: string[] = [];
    await new Promise<void>((resolve, reject) => {
      stderr?.on('data', (piece: Buffer) => {
        said.push(piece.toString('utf8'));
        if (said.join('').includes('"to":"ready"')) resolve();
      });
      stderr?.on('end', () => reject(new Error(said.join(''))));
    });
    worker.kill('SIGTERM');
    expect((await worker).exitCode).toBe(0);
  });

  it.each([
    ['wrong-horse', 'Redis refuses this worker: it refuses the user name or the password.'],
    [undefined, 'Redis refuses this worker: it asks for a password, as in redis://:PASSWORD@HOST:PORT.'],
  ])('ends with a sentence with %s, and no password is in its log', async (password, sentence) => {
    const { exitCode, stderr } = await runCli(['worker'], { env: settings(password) });
    expect(stderr).toContain(sentence);
    expect(stderr).toContain('redis connection error');
    expect(stderr).not.toContain('horse');
    expect(exitCode).toBe(125);
  });
});

describe('a job that no worker takes', () => {
  it('is told to wait in the queue still, when its result was waited for long enough', async () => {
    const idle = await startRedis();
    onTestFinished(() => idle.close());
    const file = scratch.write('hello.py', 'print("hello")');
    const { stdout } = await runCli(['submit', '--redis', idle.socket, file]);
    const id = textOf(stdout).trim();
    const { exitCode, stderr } = await runCli(['result', '--redis', idle.socket, '--timeout', '200ms', id]);
    expect(stderr).toBe(
      `bullpen: Job ${id} waits in the queue still: is a worker of this fleet running (\`bullpen worker\`), and not busy? Wait longer with --timeout.\n`,
    );
    expect(exitCode).toBe(125);
  });
});
