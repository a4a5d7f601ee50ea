import type { AppArmorProfileFacts, HostFacts } from '../facts/host-facts.ts';
import { check, type Finding } from '../finding.ts';

const load = 'run `bullpen apparmor load` as root';

/** Whether every program would run under rules that are its profile's own and enforced. */
export function hasAppArmor({ apparmor: { enabled, setting, profiles } }: HostFacts): boolean {
  if (!enabled || setting === 'off' || profiles === null) return false;
  return profiles.every(({ state, isGenuine }) => state === 'enforced' && isGenuine !== false);
}

/** Without AppArmor a worker refuses to start where it is required, and where the kernel has nothing else that knows paths. */
function severity({ apparmor, landlockAbi }: HostFacts): Finding['state'] {
  return apparmor.setting === 'required' || landlockAbi === 0 ? 'fault' : 'note';
}

export const apparmorChecks = [
  check('apparmor-kernel', (facts) => {
    if (facts.apparmor.enabled) return ['ok', 'AppArmor is on.'];
    if (facts.apparmor.setting === 'off') return ['ok', 'AppArmor is off, and not asked for.'];
    return [severity(facts), 'This kernel has no AppArmor, or has it switched off: boot one with apparmor=1.'];
  }),

  check('apparmor-parser', (facts) => {
    const { enabled, parser } = facts.apparmor;
    if (parser !== null) return ['ok', `AppArmor's parser is ${parser}.`];
    if (!isWanted(facts)) return ['ok', enabled ? 'No parser is needed.' : 'Without AppArmor no parser is needed.'];
    const sentence =
      'apparmor_parser is missing, so profiles can be neither loaded nor compared with what is loaded: install it (Debian: apt-get install apparmor).';
    return [hasAppArmor(facts) ? 'note' : severity(facts), sentence];
  }),

  check('apparmor-list', (facts) => {
    if (!isWanted(facts) || facts.apparmor.profiles !== null) return ['ok', 'The loaded AppArmor profiles are known.'];
    return [
      severity(facts),
      "The kernel's list of AppArmor profiles cannot be read: run this as root, with securityfs mounted on /sys/kernel/security.",
    ];
  }),

  ofProfiles('apparmor-missing', {
    isBad: ({ state }) => state === 'missing',
    name: ({ profile }) => profile,
    say: (names) => `This kernel has no AppArmor profile for ${names}: ${load}.`,
    ok: 'Every profile is loaded.',
  }),
  ofProfiles('apparmor-stale', {
    isBad: ({ state }) => state === 'stale',
    name: ({ profile, name }) => `${profile} (it would be ${name})`,
    say: (names) => `This kernel has only outdated AppArmor profiles for ${names}: ${load}.`,
    ok: 'No loaded profile is outdated.',
  }),
  ofProfiles('apparmor-mode', {
    isBad: ({ state }) => state === 'not-enforced',
    name: ({ name, mode }) => `${name} (${mode} mode)`,
    say: (names) =>
      `AppArmor profiles are loaded that enforce nothing, ${names}: see aa-enforce(8) and /etc/apparmor.d/force-complain, then ${load}.`,
    ok: 'Every loaded profile is enforced.',
  }),
  ofProfiles('apparmor-rules', {
    isBad: ({ isGenuine }) => isGenuine === false,
    name: ({ name }) => name,
    say: (names) =>
      `This kernel has other rules under ${names} than the profiles make (a file was edited by hand, or another parser compiled it): ${load}.`,
    ok: 'No rules were seen that a profile does not make.',
  }),

  check('apparmor-files', (facts) => {
    const files = facts.apparmor.files ?? [];
    const named = (wanted: 'edited' | 'missing'): string =>
      files.flatMap(({ file, state }) => (state === wanted ? [file] : [])).join(', ');
    const problems = [
      ...(named('edited') === '' ? [] : [`${named('edited')} differs from what its profile makes`]),
      ...(named('missing') === '' ? [] : [`${named('missing')} is missing`]),
    ];
    if (problems.length === 0) return ['ok', 'The generated AppArmor files are what the profiles make.'];
    const remedy =
      'do not load it by hand, make it anew with packages/profiles/src/apparmor/write-apparmor-files.ts, and load with `bullpen apparmor load`, which reads no file';
    return [isWanted(facts) ? severity(facts) : 'note', `${problems.join('; ')}: ${remedy}.`];
  }),
] as const;

function isWanted({ apparmor }: HostFacts): boolean {
  return apparmor.enabled && apparmor.setting !== 'off';
}

interface ProfileCheck {
  readonly isBad: (profile: AppArmorProfileFacts) => boolean;
  readonly name: (profile: AppArmorProfileFacts) => string;
  readonly say: (names: string) => string;
  readonly ok: string;
}

function ofProfiles(name: string, parts: ProfileCheck) {
  return check(name, (facts) => {
    const bad = isWanted(facts) ? (facts.apparmor.profiles ?? []).filter(parts.isBad) : [];
    if (bad.length === 0) return ['ok', parts.ok];
    return [severity(facts), parts.say(bad.map(parts.name).join(', '))];
  });
}
