import { JailerError, type JailReport } from '@bullpen/jailer';
import { describe, expect, test } from 'vitest';
import { limitProbes } from '../src/probes/limit-probes.ts';
import { shellProbes } from '../src/probes/shell-probes.ts';
import { proveSlots } from '../src/self-check.ts';
import { makeLiteralProfiles } from './support/literal-profiles.ts';
import { makeLiteralSlot, quietReport, says } from './support/literal-slot.ts';

const { available } = makeLiteralProfiles();
const layers = ['identity', 'rlimits', 'seccomp', 'namespaces', 'landlock', 'cgroup'];
const killed: JailReport = { ...quietReport, exitCode: null, signal: 9 };

/** What a sound jail answers, by the name of the probe; the others end with 0 after `end`. */
const soundAnswers: Readonly<Record<string, JailReport>> = {
  'a program runs, reads and writes its work directory': { ...quietReport, stdout: says('proof\n') },
  'no internet socket can be made': {
    ...quietReport,
    exitCode: 1,
    stderr: says('bash: socket: Permission denied\nbash: socket: Permission denied\n'),
  },
  'the wall-time limit ends a program': { ...killed, endedBy: 'wall-time' },
  'the CPU-time limit ends a program': { ...killed, endedBy: 'cpu-time' },
  'the memory limit ends a program': { ...killed, oomKills: 1 },
  'the limit on processes refuses one': { ...killed, endedBy: 'output', stderr: says('/usr/bin/bash: f', 60) },
  'the output limit ends a program': { ...killed, endedBy: 'output' },
  'the disk limits refuse what is too much': {
    ...quietReport,
    exitCode: 7,
    diskFull: true,
    stderr: says('No space left on device\nNo space left on device\n'),
  },
};
const probes = [...shellProbes, ...limitProbes];
const ended = { ...quietReport, stdout: says('end\n') };

/** A sound slot, but for one answer. */
function makeSlot(odd: { readonly probe: string; readonly answer: JailReport } | null = null, names = layers) {
  return makeLiteralSlot({
    layers: names,
    run({ argv }) {
      const probe = probes.find(({ script }) => script === argv.at(-1))?.name ?? 'none';
      return odd?.probe === probe ? odd.answer : (soundAnswers[probe] ?? ended);
    },
  });
}

describe('proving slots', () => {
  test('passes a slot whose programs run and whose attacks are refused, and closes each jail', async () => {
    const slot = makeSlot();
    await proveSlots([slot], available);
    expect(slot.log.filter((line) => !line.startsWith('run'))).toEqual(['open', 'close', 'open', 'close']);
  });

  test.each(probes.map(({ name }) => [name]))(
    'refuses a slot where a program answers nothing to: %s',
    async (probe) => {
      const slot = makeSlot({ probe, answer: { ...quietReport, exitCode: 126 } });
      await expect(proveSlots([slot], available)).rejects.toMatchObject({
        name: 'ProbeError',
        probe,
        slot: 0,
        message: expect.stringContaining(`Slot 0 failed its proof "${probe}"`),
      });
      expect(slot.log.at(-1)).toBe('close');
    },
  );

  test.each<[what: string, probe: string, answer: JailReport]>([
    [
      'a host file that can be read',
      "the host's files cannot be read",
      { ...ended, stdout: says('/etc/passwd\nend\n') },
    ],
    [
      'a socket that fails for another reason',
      'no internet socket can be made',
      { ...quietReport, exitCode: 1, stderr: says('bash: connect: Network is unreachable\n') },
    ],
    ['a probe that was killed', '/proc tells nothing of the host and of init', { ...killed, stdout: says('end\n') }],
    [
      'a memory bomb that was ended for its CPU time',
      'the memory limit ends a program',
      { ...killed, endedBy: 'cpu-time' },
    ],
    ['a disk that has no end', 'the disk limits refuse what is too much', quietReport],
  ])('refuses %s', async (_what, probe, answer) => {
    await expect(proveSlots([makeSlot({ probe, answer })], available)).rejects.toMatchObject({ probe });
  });

  test.each(['identity', 'rlimits', 'seccomp', 'namespaces', 'landlock'])(
    'refuses a slot without %s',
    async (missing) => {
      const slot = makeSlot(
        null,
        layers.filter((name) => name !== missing),
      );
      await expect(proveSlots([slot], available)).rejects.toThrow(`it has no ${missing}`);
    },
  );

  test('takes apparmor for landlock', async () => {
    const slot = makeSlot(null, [...layers.slice(0, 4), 'apparmor', 'cgroup']);
    await expect(proveSlots([slot], available)).resolves.toBeUndefined();
  });

  test('names the probe whose step failed in the jailer, but not one whose keeper was lost', async () => {
    const failing = (step: string) =>
      makeLiteralSlot({
        layers,
        run() {
          throw new JailerError({ step, errno: 2, detail: 'profile' });
        },
      });
    await expect(proveSlots([failing('apparmor')], available)).rejects.toMatchObject({
      name: 'ProbeError',
      probe: shellProbes[0]?.name,
    });
    await expect(proveSlots([failing('keeper')], available)).rejects.toMatchObject({ name: 'JailerError' });
  });

  test('has nothing to prove a slot with where there is no bash', async () => {
    await expect(proveSlots([makeSlot()], [])).rejects.toThrow('install bash');
  });
});
