import type { JobToSubmit } from '@bullpen/client';
import type { CommandReport } from '@bullpen/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Fleet, firstOf, startFleet } from '../support/fleet.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet?.close());

const limits = { wallTimeMs: 30_000, cpuTimeMs: 30_000 };

/** Runs a script as codejail's users do; it prints one JSON value. */
async function report(code: string, job: Partial<JobToSubmit> = {}): Promise<CommandReport> {
  const files = [{ path: 'jailed_code', content: code }];
  const commands = [{ argv: ['python3', '-E', '-B', 'jailed_code'] }];
  const result = await fleet.run({ profile: 'codejail', files, directories: ['tmp'], commands, limits, ...job });
  return firstOf(result.commands);
}

async function told(code: string, job: Partial<JobToSubmit> = {}): Promise<unknown> {
  const { stdout, stderr } = await report(`import errno, json, os\n${code}`, job);
  expect(stderr.data).toBe('');
  return JSON.parse(stdout.data);
}

/** Prints what each attempt answered: `ok` or the name of an errno. */
const answering = (attempts: string): string => `
def tried(what):
    try: what(); return 'ok'
    except OSError as error: return errno.errorcode[error.errno]
print(json.dumps(${attempts}))
`;

const files = ['/etc/passwd', '/etc/hosts', '/etc/shadow', '/etc/group'];
const directories = [
  ...['/', '..', '/tmp', '/proc', '/sys', '/root', '/home', '/etc', '/usr', '/var', '/opt', '/run', '/dev/shm'],
  ...['/proc/self', '/proc/1', '/sys/kernel', '/tmp/any', '/home/any'],
];

describe('everything outside is there, and closed', () => {
  const openAndList = answering(
    `{path: [tried(lambda: open(path)), tried(lambda: os.listdir(path))] for path in ${JSON.stringify([...files, ...directories])}}`,
  );
  let inCodejail: Record<string, string[]>;
  let inPython: Record<string, string[]>;
  beforeAll(async () => {
    inCodejail = (await told(openAndList)) as typeof inCodejail;
    inPython = (await told(openAndList, { profile: 'python' })) as typeof inPython;
  });

  test.each(files)('the file %s (twin: other profiles lack it)', (path) => {
    expect(inCodejail[path]).toEqual(['EACCES', 'ENOTDIR']);
    expect(inPython[path]?.[0]).toBe('ENOENT');
  });

  test.each(directories)('the directory %s (twin: what other profiles answer differs, or is a list)', (path) => {
    expect(inCodejail[path]).toEqual(['EACCES', 'EACCES']);
    // Landlock alone closes to them what they have and did not ask for.
    if (!['/', '..', '/etc', '/usr'].includes(path)) expect(inPython[path]).not.toEqual(['EACCES', 'EACCES']);
  });
});
