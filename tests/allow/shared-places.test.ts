import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../support/fleet.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet?.close());

test.for<[rule: string, ...probes: string[]]>([
  [
    'the directory for temporary files can be written',
    'mkdir $TMPDIR/d',
    'write $TMPDIR/d/a',
    'read $TMPDIR/d/a',
    'unlink $TMPDIR/d/a',
    'list $TMPDIR',
  ],
  ['memory can be shared with a child', 'share-memory-with-child'],
])('$0', async ([, ...words]) => {
  const answers = await fleet.probes(words);
  expect(answers.map(({ answer }) => answer)).toEqual(words.map(() => 'through'));
});
