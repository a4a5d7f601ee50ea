import { hostname } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { onThisRung } from '../support/rung.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet?.close());

test('harmless calls of the same kind work', async () => {
  const answers = await fleet.probes(['personality-read', 'setuid-self', 'thread', 'fork', 'lower-priority']);
  expect(answers.map(({ answer }) => answer)).toEqual(Array.from({ length: 5 }, () => 'through'));
});

test('the clock can be read and the host’s name is that of the jail, where it has one', async () => {
  const { lines } = await fleet.probe('hostname');
  expect(lines).toEqual([onThisRung({ namespaces: 'jail', classic: hostname() })]);
  expect(Number((await fleet.shell('date +%s')).stdout.data) * 1000).toBeGreaterThan(Date.now() - 60_000);
});
