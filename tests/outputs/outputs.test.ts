import type { CollectedFile } from '@bullpen/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leastOf } from '../support/least-of.ts';
import { type Fleet, probeProgram, startFleet } from '../support/fleet.ts';
import { onThisRung, rung } from '../support/rung.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet?.close());

/** Runs a script that may call `./probe`, and collects. */
async function collect(script: string, ...paths: string[]): Promise<readonly CollectedFile[]> {
  const files = [{ path: 'probe', mode: 0o755, content: { base64: probeProgram() } }];
  const result = await fleet.run({
    profile: 'bash',
    files,
    commands: [{ argv: ['bash', '-c', script] }],
    collect: paths,
  });
  return result.files;
}

describe('a file that is collected', () => {
  test('comes with its bytes and its mode, from folders too', async () => {
    const [file, nested] = await collect('echo hi >a; chmod 640 a; mkdir -p d/e; echo deep >d/e/f', 'a', 'd/e/f');
    expect(file).toMatchObject({
      state: 'collected',
      path: 'a',
      mode: 0o640,
      encoding: 'utf8',
      data: 'hi\n',
      bytes: 3,
    });
    expect(nested).toMatchObject({ state: 'collected', data: 'deep\n' });
  });

  test('comes as base64 when it is no UTF-8', async () => {
    const [file] = await collect("printf '\\xff\\x00' >a", 'a');
    expect(file).toMatchObject({ encoding: 'base64', data: Buffer.from([0xff, 0]).toString('base64') });
  });

  test('may be empty', async () => {
    expect(await collect('touch a', 'a')).toMatchObject([{ state: 'collected', data: '', bytes: 0 }]);
  });
});

/** The keeper of an ordinary user's jails is root in their user namespace, and reads what its own user owns. */
const unreadable: [what: string, script: string, path: string, reason: string] = [
  'a file that its owner may not read',
  'echo x >a; ./probe hide a',
  'a',
  'unreadable',
];

test.for<[what: string, script: string, path: string, reason: string]>([
  ['a file that is not there', 'true', 'a', 'missing'],
  ['a file below a file', 'touch a', 'a/b', 'missing'],
  ['a symbolic link to the host’s passwords', 'ln -s /etc/shadow a', 'a', 'not-a-regular-file'],
  ['a symbolic link to an own file', 'touch b; ln -s b a', 'a', 'not-a-regular-file'],
  ['a file behind a symbolic link to a folder', 'ln -s /etc d', 'd/passwd', 'not-a-regular-file'],
  ['a magic link of /proc', 'ln -s /proc/self/root d', 'd/etc/passwd', 'not-a-regular-file'],
  ['a loop of symbolic links', 'ln -s a b; ln -s b a', 'a', 'not-a-regular-file'],
  ['a file with another link', 'touch b; ln b a', 'a', 'has-other-links'],
  ['a FIFO, which would block its reader', './probe fifo a', 'a', 'not-a-regular-file'],
  [
    'a unix socket',
    './probe listen-unix a 1',
    'a',
    // Without namespaces a job cannot make one.
    onThisRung({ namespaces: 'not-a-regular-file', classic: 'missing' }),
  ],
  ['a directory', 'mkdir a', 'a', 'not-a-regular-file'],
  ['a sparse file of 10 GB', './probe sparse-file a 60000000; ./probe sparse-file a 10000000000', 'a', 'too-large'],
  ...(rung === 'userns' ? [] : [unreadable]),
])('%s is refused', async ([, script, path, reason]) => {
  expect(await collect(script, path)).toMatchObject([{ state: 'refused', path, reason }]);
});

test('a file that is swapped with a link all the time is collected as itself or refused, never as the link’s target', async () => {
  const script = './probe swap-for-ever a /usr/bin/env & sleep 0.05; kill $!';
  const answers = await collect(script, 'a', 'a', 'a', 'a');
  for (const answer of answers) {
    if (answer.state === 'collected') expect(answer.data).toBe('mine');
    else expect(answer.reason).toBe('not-a-regular-file');
  }
});

test.for(['../x', '/etc/passwd', 'a/../../x', '', 'a/', './a', 'a//b', 'a\0b'])(
  'the path %j is refused when the job is submitted',
  async (path) => {
    const job = { profile: 'bash', commands: [{ argv: ['true'] }], collect: [path] };
    await expect(fleet.client.submit(job)).rejects.toMatchObject({ code: 'invalid-job' });
  },
);

test('10,000 files in the work directory cost nothing at its end, and one of them can be collected', async () => {
  const limits = { diskFiles: 20_000 };
  const files = [{ path: 'probe', mode: 0o755, content: { base64: probeProgram() } }];
  const commands = [{ argv: ['./probe', 'many-files', '.', '10000'] }];
  const make = async (): Promise<number> => {
    const started = performance.now();
    const result = await fleet.run({ profile: 'bash', files, commands, limits, collect: ['file-9999'] });
    expect(result.files).toMatchObject([{ state: 'collected', bytes: 0 }]);
    return performance.now() - started;
  };
  expect(await leastOf(3000, make)).toBeLessThan(3000);
});

test('a tree of 1,000 folders is destroyed with its jail', async () => {
  expect((await fleet.probe('deep-directories 1000')).answer).toBe('through');
  expect((await fleet.shell('ls -A "$HOME"')).stdout.data).toBe('');
});
