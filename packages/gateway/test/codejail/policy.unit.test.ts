import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePolicy } from '@bullpen/client';
import { createCatalog } from '@bullpen/profiles';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codejailSettings } from '../../src/codejail/codejail-settings.ts';
import { contextsBeyond, requirePolicyFits } from '../../src/codejail/require-policy-fits.ts';

const profile = createCatalog().get('codejail');
if (profile === undefined) throw new Error('There is no profile codejail.');

describe('limits and the profile', () => {
  test.each([
    [{}],
    [{ limits: { CPU: 0, REALTIME: 0, NPROC: 0, VMEM: 0, FSIZE: 0 } }],
    [{ overrides: { c: { CPU: 10 } } }],
  ])('%j fits', (policy) => {
    expect(() => requirePolicyFits(parsePolicy(policy), profile)).not.toThrow();
  });

  test.each([
    [
      { limits: { REALTIME: 100_000 } },
      /default limits ask for wallTimeMs 100000000: profile codejail allows at most \d+/,
    ],
    [{ overrides: { c: { NPROC: 100_000 } } }, /limits of "c" ask for processes 100000/],
  ])('%j does not', (policy, sentence) => {
    expect(() => requirePolicyFits(parsePolicy(policy), profile)).toThrow(sentence);
  });
});

test('contexts whose time limit is beyond the budget are found', () => {
  const overrides = { short: { REALTIME: 3.3 }, long: { REALTIME: 3.4 }, endless: { REALTIME: 0 } };
  expect(contextsBeyond(parsePolicy({ overrides }), 3300)).toEqual(['long', 'endless']);
  expect(contextsBeyond(parsePolicy({ limits: { REALTIME: 10 }, overrides }), 3300)).toEqual([null, 'long', 'endless']);
});

describe('settings', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bullpen-policy-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const settingsOf = (codejailPolicy: string | null) =>
    codejailSettings({ codejail: 'on', codejailPolicy, codejailBudgetMs: 2000 });
  const fileOf = (text: string): string => {
    const path = join(folder, 'policy.json');
    writeFileSync(path, text);
    return path;
  };

  test('without a policy file', () => {
    expect(settingsOf(null)).toEqual({ isEnabled: true, budgetMs: 2000 });
  });

  test('with one', () => {
    expect(settingsOf(fileOf('{"limits":{"CPU":5}}')).policy?.limits).toEqual({ CPU: 5 });
  });

  test.each([
    ['is not JSON', '{', /policy\.json is not valid JSON/],
    ['has a wrong limit', '{"limits":{"CPU":"a"}}', /policy\.json/],
    ['has an unknown limit', '{"limits":{"WALL":1}}', /policy\.json/],
  ])('a file that %s is named in a sentence', (_, text, sentence) => {
    expect(() => settingsOf(fileOf(text))).toThrow(sentence);
  });

  test('a file that is not there is named in a sentence', () => {
    expect(() => settingsOf(join(folder, 'missing'))).toThrow(/cannot be read \(ENOENT\)/);
  });
});
