import { createCatalog } from '@bullpen/profiles';
import { describe, expect, test } from 'vitest';
import { toLimits } from '../../src/codejail/codejail-limits.ts';
import { defaultPolicy, parsePolicy, policyCommand, policyLimits, safeExecCommand } from '../../src/codejail/policy.ts';

const defaults = { CPU: 1, REALTIME: 1, VMEM: 0, FSIZE: 0, NPROC: 15 };

describe('limits of a context', () => {
  const policy = parsePolicy({
    limits: { CPU: 3, PROXY: 1 },
    overrides: JSON.parse('{"course-v1:X+Y": {"CPU": 10, "VMEM": 536870912, "PROXY": 0}, "__proto__": {"CPU": 7}}'),
  });

  test.each([
    ['none', null, { ...defaults, CPU: 3 }],
    ['one that is not known', 'course-v1:other', { ...defaults, CPU: 3 }],
    ['one that every object inherits', 'constructor', { ...defaults, CPU: 3 }],
    ['one of the policy', 'course-v1:X+Y', { ...defaults, CPU: 10, VMEM: 536_870_912 }],
    ['one called __proto__', '__proto__', { ...defaults, CPU: 7 }],
  ])('%s', (_, context, limits) => {
    expect(policyLimits(policy, context)).toEqual(limits);
  });

  test("a call's own limits go before all, 0 included", () => {
    expect(policyLimits(policy, 'course-v1:X+Y', { CPU: 0, NPROC: 2 })).toMatchObject({ CPU: 0, NPROC: 2 });
  });

  test("codejail's defaults hold where nothing is said", () => {
    expect(policyLimits(parsePolicy({}), null)).toEqual(defaults);
    expect(policyLimits(defaultPolicy, 'any')).toEqual(defaults);
  });

  test('parsing a policy changes nothing that objects inherit', () => {
    expect(Reflect.get({}, 'CPU')).toBeUndefined();
  });
});

describe('a malformed policy is refused with a sentence', () => {
  test.each([
    [[], 'the policy must be an object, got an array: mend the policy.'],
    [{ limit: {} }, 'the policy must not have "limit": no such field is known: mend the policy.'],
    [{ limits: { CPU: -1 } }, 'limits.CPU must be at least 0, got -1: mend the policy.'],
    [{ limits: { NPROC: 1.5 } }, 'limits.NPROC must be a whole number, got 1.5: mend the policy.'],
    [{ limits: { CPUS: 1 } }, 'limits must not have "CPUS": no such field is known: mend the policy.'],
    [{ overrides: { a: { VMEM: '1' } } }, 'overrides.a.VMEM must be a number, got "1": mend the policy.'],
    [{ overrides: [] }, 'overrides must be an object, got an array: mend the policy.'],
    [{ commands: { js: { profile: 'node' } } }, 'commands.js.argv is missing: it must be an array: mend the policy.'],
    [
      { commands: { js: { profile: 'node', argv: [] } } },
      'commands.js.argv must have at least 1 item, got 0: mend the policy.',
    ],
  ])('%j', (value, sentence) => {
    expect(() => parsePolicy(value)).toThrow(sentence);
  });
});

describe('commands', () => {
  const policy = parsePolicy({
    commands: { js: { profile: 'node', argv: ['node'] }, python: { profile: 'python', argv: ['python3', '-E'] } },
  });

  test('are those of the table, and python', () => {
    expect(policyCommand(policy, 'js')).toEqual({ profile: 'node', argv: ['node'] });
    expect(policyCommand(policy, 'ruby')).toBeNull();
    expect(policyCommand(policy, 'constructor')).toBeNull();
    expect(policyCommand(defaultPolicy, 'python')).toEqual({ profile: 'codejail', argv: ['python3', '-E', '-B'] });
  });

  test("safe_exec takes the policy's python, or one that starts fast", () => {
    expect(safeExecCommand(policy)).toEqual({ profile: 'python', argv: ['python3', '-E'] });
    expect(safeExecCommand(defaultPolicy).argv).toEqual(['python3', '-I', '-S', '-B']);
  });
});

describe("codejail's limits as those of a job", () => {
  const python = createCatalog().get('python');
  if (python === undefined) throw new Error('There is no profile python.');
  const MIB = 1_048_576;

  test('in their own units, fractions of seconds rounded up', () => {
    expect(toLimits({ CPU: 1.5, REALTIME: 0.0001, VMEM: 512 * MIB, FSIZE: 7, NPROC: 3 }, python)).toEqual({
      cpuTimeMs: 1500,
      wallTimeMs: 1,
      addressSpaceBytes: 512 * MIB,
      memoryBytes: 576 * MIB,
      fileSizeBytes: 7,
      processes: 3,
    });
  });

  test("0 is the profile's ceiling, but for VMEM, which is then unlimited, and for FSIZE", () => {
    expect(toLimits({ CPU: 0, REALTIME: 0, VMEM: 0, FSIZE: 0, NPROC: 0 }, python)).toEqual({
      cpuTimeMs: python.ceilings.cpuTimeMs,
      wallTimeMs: python.ceilings.wallTimeMs,
      addressSpaceBytes: null,
      fileSizeBytes: 0,
      processes: python.ceilings.processes,
    });
  });

  test('VMEM is at least what a process needs to start, and the memory never above its ceiling', () => {
    expect(toLimits({ ...defaults, VMEM: 6_000_000 }, python)).toMatchObject({
      addressSpaceBytes: 16 * MIB,
      memoryBytes: python.defaults.memoryBytes,
    });
    expect(toLimits({ ...defaults, VMEM: 2 ** 40 }, python)).toMatchObject({
      memoryBytes: python.ceilings.memoryBytes,
    });
  });
});
