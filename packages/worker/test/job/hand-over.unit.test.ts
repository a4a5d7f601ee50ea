import { expect, test } from 'vitest';
import { handOver, handOverDelayMs, handOversMax, type Refusal } from '../../src/job/hand-over.ts';

const refusal: Refusal = {
  profile: 'bash',
  required: ['landlock', 'apparmor'],
  missing: ['apparmor'],
  isBelowFloor: false,
  layers: [{ name: 'identity' }, { name: 'landlock' }, { name: 'moat' }],
};

function makeRoster(has: boolean) {
  const asked: unknown[] = [];
  return {
    asked,
    learn: (...words: unknown[]) => void asked.push(['learn', ...words]),
    async hasOther(...words: unknown[]) {
      asked.push(['hasOther', ...words]);
      return has;
    },
  };
}

test('goes to another worker while one says that it could run it', async () => {
  const roster = makeRoster(true);
  expect(await handOver(roster, refusal, 3)).toMatchObject({ kind: 'hand-over' });
  expect(roster.asked).toEqual([
    ['learn', 'bash', ['identity', 'landlock']],
    ['hasOther', 'bash', ['landlock', 'apparmor']],
  ]);
});

test('spends an attempt when none does, with a sentence that says what is missing', async () => {
  await expect(handOver(makeRoster(false), refusal, 1)).rejects.toMatchObject({
    code: 'confinement-refused',
    message:
      'The job requires landlock, apparmor, and jails of profile bash on this worker have no apparmor (they have identity, landlock, moat); ' +
      'no other worker of the fleet has what it requires: add a worker that has, or require less.',
  });
});

test('below the floor says so, and nobody counts on this worker for the profile any more', async () => {
  const roster = makeRoster(false);
  await expect(handOver(roster, { ...refusal, required: [], isBelowFloor: true }, 1)).rejects.toMatchObject({
    code: 'confinement-refused',
    message:
      'Jails of profile bash on this worker have no apparmor (they have identity, landlock, moat), which is below its floor; ' +
      'no other worker of the fleet has what it requires: mend the worker, or add another.',
  });
  expect(roster.asked[0]).toEqual(['learn', 'bash', null]);
});

test('is not handed over for ever', async () => {
  await expect(handOver(makeRoster(true), refusal, handOversMax)).resolves.toBeDefined();
  await expect(handOver(makeRoster(true), refusal, handOversMax + 1)).rejects.toMatchObject({
    code: 'confinement-refused',
    message: expect.stringContaining('none that has what it requires got it in 250 tries'),
  });
});

test('the pause doubles to a second, then grows slowly, and half of it is random', () => {
  expect([1, 2, 3].map((starts) => handOverDelayMs(starts, () => 1))).toEqual([50, 100, 200]);
  expect(handOverDelayMs(1, () => 0)).toBe(25);
  expect([7, 50, handOversMax].map((starts) => handOverDelayMs(starts, () => 1))).toEqual([1700, 6000, 26_000]);
});
