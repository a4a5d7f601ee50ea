import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../../../tests/support/redis.ts';
import { runCli, startCli } from './support/run-cli.ts';
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
