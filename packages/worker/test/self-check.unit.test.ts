import { JailerError, type JailReport } from '@bullpen/jailer';
import { describe, expect, test } from 'vitest';
import { limitProbes } from '../src/probes/limit-probes.ts';
import { floorSchema } from '../src/probes/floor.ts';
import { hostPathProbes } from '../src/probes/host-path-probes.ts';
import { ownRootProbes } from '../src/probes/own-root-probes.ts';
import type { Probe } from '../src/probes/probe.ts';
import { makeExecuteProbe, outsidePrograms, shellProbes } from '../src/probes/shell-probes.ts';
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
  'too much on the disk ends a program': { ...killed, endedBy: 'output', diskFull: true },
  'too many files on the disk end a program': { ...killed, endedBy: 'output', diskFull: true },
  'the disk limits refuse what is too much': {
    ...quietReport,
    exitCode: 7,
    diskFull: true,
    stderr: says('No space left on device\nNo space left on device\n'),
  },
};
const allProbes: readonly Probe[] = [
  ...shellProbes,
  makeExecuteProbe(outsidePrograms),
  ...ownRootProbes,
  ...hostPathProbes,
  ...limitProbes,
];
const applying = (names: readonly string[]) => allProbes.filter((probe) => probe.appliesTo?.(new Set(names)) ?? true);
const probes = applying(layers);
const ended = { ...quietReport, stdout: says('end\n') };

/** A sound slot, but for one answer. */
function makeSlot(odd: { readonly probe: string; readonly answer: JailReport } | null = null, names = layers) {
  return makeLiteralSlot({
    layers: names,
    run({ argv }) {
      const probe = applying(names).find(({ script }) => script === argv.at(-1))?.name ?? 'none';
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
    await expect(proveSlots([slot], available)).resolves.toContainEqual({ name: 'apparmor', detail: 'as measured' });
  });

  describe('in jails that see the host’s paths', () => {
    const classic = ['identity', 'rlimits', 'seccomp', 'classic', 'landlock'];
    test('tries what there is to try there, and nothing of jails with a root of their own', async () => {
      const slot = makeSlot(null, classic);
      await proveSlots([slot], available);
      const scripts = slot.log
        .filter((line) => line.startsWith('run'))
        .map((line) => line.slice(line.indexOf(' -c ') + 4));
      expect(scripts).toEqual(
        ['first', 'second'].flatMap((jail) =>
          applying(classic)
            .filter((probe) => probe.jail === jail)
            .map(({ script }) => script),
        ),
      );
      for (const { script } of ownRootProbes) expect(scripts).not.toContain(script);
    });

    // Without a cgroup, any bad end of a memory bomb will do.
    const telling = applying(classic).filter(({ name }) => name !== 'the memory limit ends a program');
    test.each(telling.map(({ name }) => [name]))('refuses a slot that answers nothing to: %s', async (probe) => {
      const slot = makeSlot({ probe, answer: { ...quietReport, exitCode: 126 } }, classic);
      await expect(proveSlots([slot], available)).rejects.toMatchObject({ probe });
    });

    test('a write that fails holds the disk limit as well as a program that is ended', async () => {
      const probe = 'too much on the disk ends a program';
      const full = { ...quietReport, exitCode: 7 };
      await expect(proveSlots([makeSlot({ probe, answer: full }, classic)], available)).resolves.toHaveLength(5);
      const endedForOutput: JailReport = { ...killed, endedBy: 'output' };
      await expect(proveSlots([makeSlot({ probe, answer: endedForOutput }, classic)], available)).rejects.toMatchObject(
        {
          probe,
        },
      );
    });

    test('a process that shares the worker’s user is not asked who else has it', () => {
      const names = applying(['identity', 'rlimits', 'seccomp', 'restricted', 'landlock']).map(({ name }) => name);
      expect(names).not.toContain('no process of the last jail is left');
      expect(names).toContain('no process of others can be signalled');
    });
  });

  describe('below the floor', () => {
    const floor = floorSchema.parse('identity,cgroup|apparmor');

    test('says what is missing, what there is, and what would lift it', async () => {
      const slot = makeSlot(null, ['identity', 'rlimits']);
      await expect(proveSlots([slot], available, floor)).rejects.toThrow(
        'Slot 0 failed its proof "layers": it has no cgroup and no apparmor layer (it has identity, rlimits), which is below the floor ' +
          'identity,cgroup|apparmor: give the worker cgroups that it may write, or boot with AppArmor and load the profiles ' +
          '("bullpen apparmor load"), or let an operator set another BULLPEN_FLOOR with BULLPEN_ENABLED=true. Refusing to take jobs.',
      );
    });

    test('is not where another floor is met', async () => {
      const slot = makeSlot(null, ['identity', 'namespaces', 'cgroup']);
      await expect(proveSlots([slot], available, floor)).resolves.toHaveLength(3);
    });

    test('only the layers that the jails of all slots have are counted on', async () => {
      const slots = [makeSlot(), makeSlot(null, layers.slice(0, 5))];
      expect((await proveSlots(slots, available)).map(({ name }) => name)).toEqual(layers.slice(0, 5));
    });
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
