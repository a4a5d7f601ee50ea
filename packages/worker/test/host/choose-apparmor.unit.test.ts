import { parseLoadedProfiles, renderAppArmorProfile, type ResolvedProfile } from '@bullpen/profiles';
import { describe, expect, test } from 'vitest';
import { type AppArmorKernel, chooseAppArmor } from '../../src/host/choose-apparmor.ts';
import { makeLiteralProfiles } from '../support/literal-profiles.ts';

const { available } = makeLiteralProfiles();
const bash = available[0]?.profile;
if (bash === undefined) throw new Error('There is no profile bash.');
const { name } = renderAppArmorProfile(bash);

const kernelWith = (list: string, ...altered: readonly string[]): AppArmorKernel => ({
  enabled: true,
  loaded: parseLoadedProfiles(list),
  altered: new Set(altered),
});
const withoutAppArmor: AppArmorKernel = { enabled: false, loaded: null, altered: new Set() };
const unreadable: AppArmorKernel = { enabled: true, loaded: null, altered: new Set() };

function choose(
  apparmor: 'required' | 'when-loaded' | 'off',
  kernel: AppArmorKernel,
  profiles: readonly ResolvedProfile[] = available,
) {
  const { names, reasons } = chooseAppArmor({ apparmor, apparmorWorkerLabel: 'bullpen-worker' }, profiles, kernel);
  return { names: Object.fromEntries(names), reasons: Object.fromEntries(reasons) };
}

describe('a profile that is loaded and enforced', () => {
  test.each(['required', 'when-loaded'] as const)('is entered: %s', (apparmor) => {
    expect(choose(apparmor, kernelWith(`${name} (enforce)`))).toEqual({ names: { bash: name }, reasons: {} });
  });

  test('is left alone when AppArmor is off', () => {
    expect(choose('off', kernelWith(`${name} (enforce)`))).toEqual({ names: {}, reasons: {} });
  });

  test('is another one for another label of the worker', () => {
    const config = { apparmor: 'when-loaded', apparmorWorkerLabel: 'docker-default' } as const;
    expect(chooseAppArmor(config, available, kernelWith(`${name} (enforce)`)).names.size).toBe(0);
  });
});

const lacking: [string, AppArmorKernel, RegExp][] = [
  [
    'is not loaded',
    kernelWith(''),
    /^Profile bash has no AppArmor profile in this kernel: run `bullpen apparmor load`/,
  ],
  [
    'is stale',
    kernelWith('bullpen-bash-0123456789ab (enforce)'),
    /^Profile bash has only the outdated AppArmor profile bullpen-bash-0123456789ab in this kernel: run/,
  ],
  [
    'is in complain mode',
    kernelWith(`${name} (complain)`),
    /^Profile bash has its AppArmor profile bullpen-bash-\w+ loaded in complain mode, which enforces nothing: run/,
  ],
  [
    'was loaded with other rules',
    kernelWith(`${name} (enforce)`, name),
    /^Profile bash has other rules in this kernel under bullpen-bash-\w+ than it makes .*: run `bullpen apparmor load`/,
  ],
];

describe.each(lacking)('a profile that %s', (_what, kernel, sentence) => {
  test('is run without AppArmor, and the reason told', () => {
    const { names, reasons } = choose('when-loaded', kernel);
    expect(names).toEqual({});
    expect(reasons['bash']).toMatch(sentence);
  });

  test('stops the worker when AppArmor is required', () => {
    const required = new RegExp(`^The configuration requires AppArmor\\. ${sentence.source.slice(1)}`);
    expect(() => choose('required', kernel)).toThrow(required);
  });
});

describe('a kernel without AppArmor', () => {
  test('is fine unless it is required', () => {
    expect(choose('when-loaded', withoutAppArmor)).toEqual({ names: {}, reasons: {} });
    expect(() => choose('required', withoutAppArmor)).toThrow(/requires AppArmor, which this kernel lacks/);
  });
});

describe('a list that cannot be read', () => {
  test('leaves the finding out to the jailer when AppArmor is required', () => {
    expect(choose('required', unreadable).names).toEqual({ bash: name });
  });

  test('means none otherwise', () => {
    const { names, reasons } = choose('when-loaded', unreadable);
    expect(names).toEqual({});
    expect(reasons['bash']).toMatch(/may not read \/sys\/kernel\/security\/apparmor\/profiles/);
  });
});

test('a view that the AppArmor profile does not name is told, with the remedy', () => {
  const view = [{ access: 'execute' as const, source: '/srv/bash/bin', target: '/srv/bash/bin' }];
  const profiles = available.map((resolved) => ({ ...resolved, view }));
  const { names, reasons } = choose('when-loaded', kernelWith(`${name} (enforce)`), profiles);
  expect(names).toEqual({});
  expect(reasons['bash']).toMatch(
    /^Profile bash shows \/srv\/bash\/bin on this host, .* mountAt such as \/opt\/tool\.$/,
  );
});
