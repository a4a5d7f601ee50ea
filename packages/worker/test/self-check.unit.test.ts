import type { JailReport } from '@bullpen/jailer';
import { describe, expect, test } from 'vitest';
import { proveSlots } from '../src/self-check.ts';
import { makeLiteralProfiles } from './support/literal-profiles.ts';
import { makeLiteralSlot, quietReport, says } from './support/literal-slot.ts';

const { available } = makeLiteralProfiles();
const layers = ['identity', 'rlimits', 'seccomp', 'namespaces', 'landlock'];
const refused = { ...quietReport, exitCode: 1, stderr: says('bash: socket: Permission denied') };

/** What a sound jail answers to each of the checks' scripts; `odd` takes the place of one answer. */
function answerAs(script: string, odd: { readonly to: RegExp; readonly answer: JailReport } | null): JailReport {
  if (odd?.to.test(script)) return odd.answer;
  if (script.includes('proof')) return { ...quietReport, stdout: says('proof\n') };
  return /passwd|\/dev\/tcp/.test(script) ? refused : quietReport;
}

const makeSlot = (odd: { readonly to: RegExp; readonly answer: JailReport } | null = null, names = layers) =>
  makeLiteralSlot({ layers: names, run: ({ argv }) => answerAs(argv.at(-1) ?? '', odd) });

describe('proving slots', () => {
  test('passes a slot whose programs run and whose attacks are refused, and closes its jail', async () => {
    const slot = makeSlot();
    await proveSlots([slot], available);
    expect(slot.log.at(0)).toBe('open');
    expect(slot.log.at(-1)).toBe('close');
  });

  test.each([
    ['a program that does not run', /proof/, { ...quietReport, exitCode: 126 }],
    ['a host file that can be read', /passwd/, quietReport],
    ['a socket that can be made', /tcp/, quietReport],
    [
      'a socket that fails for another reason',
      /tcp/,
      { ...quietReport, exitCode: 1, stderr: says('Network is unreachable') },
    ],
    ['a process in sight', /proc/, { ...quietReport, exitCode: 1 }],
    ['a check that was killed', /passwd/, { ...quietReport, exitCode: null, signal: 9 }],
  ])('refuses %s', async (_what, to, answer) => {
    const slot = makeSlot({ to, answer });
    await expect(proveSlots([slot], available)).rejects.toThrow(
      /^Slot 0 failed its proof ".*Refusing to take jobs\.$/s,
    );
    expect(slot.log.at(-1)).toBe('close');
  });

  test.each(['identity', 'rlimits', 'seccomp', 'namespaces', 'landlock'])(
    'refuses a slot without %s',
    async (missing) => {
      const slot = makeSlot(
        null,
        layers.filter((name) => name !== missing),
      );
      await expect(proveSlots([slot], available)).rejects.toThrow(`Slot 0 has no ${missing}`);
    },
  );

  test('takes apparmor for landlock', async () => {
    const slot = makeSlot(null, [...layers.slice(0, 4), 'apparmor']);
    await expect(proveSlots([slot], available)).resolves.toBeUndefined();
  });

  test('has nothing to prove a slot with where there is no bash', async () => {
    await expect(proveSlots([makeSlot()], [])).rejects.toThrow('install bash');
  });
});
