import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { makeOrdinaryUser } from './support/ordinary-user.ts';

/** A directory that only root may write in, but all may look into. */
function makeClosed(): string {
  const path = mkdtempSync('/tmp/bullpen-closed-');
  chmodSync(path, 0o755);
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

test('a temporary directory that the user may not write in is named, with the remedy', async () => {
  const user = makeOrdinaryUser();
  const closed = makeClosed();
  const file = user.write('a.sh', 'echo hello\n');
  expect(await user.bullpen(['run', file], { TMPDIR: closed })).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: `bullpen: The temporary directory ${closed} is not open to this user. Set TMPDIR to a directory that you may write in, such as /tmp.\n`,
  });
});

test('a run directory that the user may not write in is named, with the remedy and who the user is', async () => {
  const user = makeOrdinaryUser();
  const closed = makeClosed();
  const file = user.write('a.sh', 'echo hello\n');
  const { exitCode, stderr } = await user.bullpen(['run', file], { BULLPEN_RUN_DIR: closed });
  expect(stderr).toMatch(
    new RegExp(
      `The run directory ${closed}/bullpen-\\d+ cannot be made: ${closed} is not open to this user\\. Remedy: name a directory that this user \\(${user.uid}\\) may write in`,
    ),
  );
  expect(exitCode).toBe(125);
});

test('a temporary directory that the user may write in and not list serves', async () => {
  const user = makeOrdinaryUser();
  const file = user.write('a.sh', 'echo hello\n');
  chmodSync(user.temporary, 0o300);
  expect(await user.bullpen(['run', file])).toMatchObject({ exitCode: 0, stdout: 'hello\n' });
});
