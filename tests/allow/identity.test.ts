import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, firstOf, probeProgram, startFleet } from '../support/fleet.ts';
import { hasOwnRoot } from '../support/rung.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet?.close());

test('a program keeps its own identity', async () => {
  const result = await fleet.run({
    profile: 'bash',
    files: [{ path: 'probe', mode: 0o755, content: { base64: probeProgram() } }],
    commands: ['identity', 'setuid-self'].map((name) => ({ argv: ['./probe', name] })),
  });
  const uid = result.receipt?.uid ?? 0;
  expect(uid).toBeGreaterThanOrEqual(3000);
  expect(result.commands.map(({ stdout }) => stdout.data)).toEqual([`${`${uid} `.repeat(6)}0\nthrough\n`, 'through\n']);
});

test('a command’s additions reach the program, and override the profile’s', async () => {
  const command = { argv: ['env'], env: { GREETING: 'good day', TZ: 'CET' } };
  const lines = firstOf((await fleet.run({ profile: 'bash', commands: [command] })).commands).stdout.data.split('\n');
  expect(lines).toEqual(expect.arrayContaining(['GREETING=good day', 'TZ=CET']));
  expect(lines).not.toContain('TZ=UTC');
});

test('HOME and TMPDIR lead to the jail’s own directories, and HOME is where a program starts', async () => {
  const command = { argv: ['bash', '-c', 'echo "$HOME $TMPDIR $PWD"'] };
  const { commands, receipt } = await fleet.run({ profile: 'bash', commands: [command] });
  const box = `${fleet.boxes}/bullpen-box-${receipt?.uid}`;
  const [work, tmp] = hasOwnRoot ? ['/work', '/tmp'] : [`${box}/work`, `${box}/tmp`];
  expect(firstOf(commands).stdout.data).toBe(`${work} ${tmp} ${work}\n`);
});
