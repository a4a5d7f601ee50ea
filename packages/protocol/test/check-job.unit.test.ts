import { createCatalog } from '@bullpen/profiles';
import { describe, expect, test } from 'vitest';
import { checkJob, jobLimits } from '../src/check-job.ts';
import { BullpenError } from '../src/errors.ts';
import type { JobInput } from '../src/job.ts';
import { parseJob } from '../src/parse-job.ts';
import { makeJobInput } from './example-job.ts';

const catalog = createCatalog();
const check = (changes: Partial<JobInput>) => () => checkJob(parseJob(makeJobInput(changes)), catalog);

test('returns the profile of a job that may run', () => {
  expect(check({})()).toBe(catalog.get('python'));
});

test('an unknown profile is named beside the known ones', () => {
  expect(check({ profile: 'cobol' })).toThrow(
    new BullpenError(
      'unknown-profile',
      'profile must be one of python, node, bash, c, cpp, rust, java, perl, ruby, go, pure-python, codejail, codebox, got "cobol"',
    ),
  );
});

describe('a limit above its ceiling', () => {
  test.each<[Partial<JobInput>, string]>([
    [{ limits: { openFiles: 8192 } }, 'limits.openFiles must be at most 4096 for profile python, got 8192'],
    [{ limits: { diskFiles: 65_537 } }, 'limits.diskFiles must be at most 65536 for profile python, got 65537'],
    [
      { commands: [{ argv: ['a'] }, { argv: ['b'], limits: { processes: 513 } }] },
      'commands[1].limits.processes must be at most 512 for profile python, got 513',
    ],
    [
      { profile: 'pure-python', limits: { addressSpaceBytes: null } },
      'limits.addressSpaceBytes must be at most 8589934592 for profile pure-python, got unlimited',
    ],
  ])('%#: %s', (changes, sentence) => {
    expect(check(changes)).toThrow(sentence);
    expect(check(changes)).toThrow(expect.objectContaining({ code: 'limit-above-ceiling' }));
  });

  test('not at the ceiling itself', () => {
    expect(check({ limits: { openFiles: 4096 } })).not.toThrow();
  });
});

const files = (count: number, content: string): JobInput['files'] =>
  Array.from({ length: count }, (_, n) => ({ path: `d${n}/f`, content }));

describe('files that cannot fit in the jail', () => {
  test('are counted in whole pages', () => {
    expect(check({ files: files(16, 'x'), limits: { diskBytes: 65_536 } })).not.toThrow();
    expect(check({ files: files(17, 'x'), limits: { diskBytes: 65_536 } })).toThrow(
      'files take 69632 bytes on disk, more than limits.diskBytes 65536: raise the limit or send less',
    );
  });

  test('are counted with their directories', () => {
    expect(check({ files: files(46, ''), limits: { diskFiles: 100 } })).not.toThrow();
    expect(check({ files: files(47, ''), limits: { diskFiles: 100 } })).toThrow(
      'files and their directories need 102 entries, more than limits.diskFiles 100: raise the limit or send fewer',
    );
  });
});

describe('directories', () => {
  test('count as entries, and those above them, each once', () => {
    const asked = ['d0', 'a/b/c', 'a', 'a/b'];
    expect(check({ files: files(44, ''), directories: asked, limits: { diskFiles: 100 } })).not.toThrow();
    expect(check({ files: files(44, ''), directories: [...asked, 'x', 'y'], limits: { diskFiles: 100 } })).toThrow(
      'files and their directories need 101 entries, more than limits.diskFiles 100: raise the limit or send fewer',
    );
  });

  test.each([
    ['a', 'a'],
    ['a', 'a/b'],
    ['a/b', 'a/b/c/d'],
  ])('a file %s has no directory %s', (path, directory) => {
    const invalid = check({ files: [{ path, content: '' }], directories: ['other', directory] });
    expect(invalid).toThrow(
      new BullpenError(
        'invalid-job',
        `directories must not need a directory where files has a file, got ${JSON.stringify(path)} as both: rename one of them`,
      ),
    );
  });

  test('may be those that the files need', () => {
    expect(check({ files: [{ path: 'a/b', content: '' }], directories: ['a', 'a'] })).not.toThrow();
  });
});

test("the profile's own environment counts", () => {
  const env = { A: 'x'.repeat(98_200) };
  expect(() => parseJob(makeJobInput({ commands: [{ argv: ['a'], env }] }))).not.toThrow();
  expect(check({ commands: [{ argv: ['a'], env }] })).toThrow(
    /^commands\[0\]\.argv and its environment must have at most 98304/,
  );
});

test("the job's limits are its wishes over the profile's defaults", () => {
  const profile = check({})();
  const job = parseJob(makeJobInput({ limits: { diskBytes: 1_000_000 } }));
  expect(jobLimits(job, profile)).toEqual({ ...profile.defaults, diskBytes: 1_000_000 });
});
