import { afterAll, expect, it } from 'vitest';
import { runCli, textOf } from './support/run-cli.ts';
import { makeScratch } from './support/scratch.ts';

const scratch = makeScratch();
afterAll(() => scratch.remove());
const file = scratch.write('hello.sh', 'echo hello');

it('runs a program in a jail that has the required layers', async () => {
  const run = await runCli(['run', '--require', 'seccomp', '--require', 'identity', file]);
  expect(textOf(run.stdout)).toBe('hello\n');
  expect(run.exitCode).toBe(0);
});

it('runs nothing where the jail lacks one, and says so', async () => {
  // No jail has both.
  const run = await runCli(['run', '--json', '--require', 'namespaces', '--require', 'classic', file]);
  expect(JSON.parse(textOf(run.stdout))).toMatchObject({
    error: { code: 'confinement-refused', message: expect.stringContaining('The job requires namespaces, classic') },
  });
  expect(run.exitCode).toBe(125);
});

it('names a layer that there is not before anything is started', async () => {
  const run = await runCli(['run', '--require', 'moat', file]);
  expect(run.stderr).toContain('--require is "moat": the layers are identity,');
  expect(run.exitCode).toBe(2);
});

it('does not wait for a worker that nobody has enabled', async () => {
  const run = await runCli(['run', file], { env: { BULLPEN_ENABLED: 'false' } });
  expect(run.stderr).toContain('nobody has enabled it');
  expect(run.exitCode).toBe(125);
});
