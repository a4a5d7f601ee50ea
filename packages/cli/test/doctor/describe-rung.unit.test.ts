import { describe, expect, it } from 'vitest';
import { describeRung } from '../../src/doctor/describe-rung.ts';
import type { HostFacts } from '../../src/doctor/facts/host-facts.ts';
import { soundFacts, withFacts, withProfile } from './sound-facts.ts';

const user = { ...soundFacts.user, uid: 1000, canMakeUserNamespaces: false };
const none: HostFacts['jail'] = { mode: null, refusal: 'Nothing is possible here.' };

describe('the rung', () => {
  it.each<[mode: NonNullable<HostFacts['jail']['mode']>, rung: string, because: RegExp]>([
    ['root', 'namespaces', /root with CAP_SYS_ADMIN/],
    ['userns', 'namespaces', /user 0, who may make user namespaces/],
    ['classic', 'classic', /root without mounts/],
    ['restricted', 'restricted', /without any privilege/],
  ])('of %s is %s', (mode, rung, because) => {
    const report = describeRung(withFacts({ jail: { mode } }));
    expect(report.rung).toBe(rung);
    expect(report.because).toMatch(because);
  });

  it('is none where the worker says why', () => {
    expect(describeRung(withFacts({ jail: none }))).toMatchObject({ rung: null, because: 'Nothing is possible here.' });
  });
});

describe('what would lift a host', () => {
  it('is nothing on the highest rung with all layers', () => {
    expect(describeRung(soundFacts).lifts).toEqual([]);
  });

  it.each<[what: string, facts: HostFacts, lift: RegExp]>([
    ['from userns to root', withFacts({ jail: { mode: 'userns' } }), /^Start the worker as root with CAP_SYS_ADMIN/],
    [
      'from classic to namespaces',
      withFacts({ jail: { mode: 'classic' } }),
      /^Add the capability SYS_ADMIN .*--cap-add SYS_ADMIN/,
    ],
    ['from nothing to namespaces, as root', withFacts({ jail: none }), /^Add the capability SYS_ADMIN/],
    [
      'from nothing to classic, as root',
      withFacts({ jail: none }),
      /^Or add CAP_SETUID, CAP_SETGID, CAP_KILL and CAP_CHOWN/,
    ],
    [
      'by user.max_user_namespaces',
      withFacts({ jail: { mode: 'restricted' }, user: { ...user, maxUserNamespaces: 0 } }),
      /sysctl -w user\.max_user_namespaces=15000/,
    ],
    [
      'by kernel.unprivileged_userns_clone',
      withFacts({ jail: { mode: 'restricted' }, user: { ...user, unprivilegedUsernsClone: 0 } }),
      /sysctl -w kernel\.unprivileged_userns_clone=1/,
    ],
    [
      'by kernel.apparmor_restrict_unprivileged_userns',
      withFacts({ jail: { mode: 'restricted' }, user: { ...user, apparmorRestrictsUserns: 1 } }),
      /sysctl -w kernel\.apparmor_restrict_unprivileged_userns=0/,
    ],
    [
      'by the container',
      withFacts({ jail: { mode: 'restricted' }, user }),
      /^No kernel setting forbids user namespaces, so the container does: .*seccomp/,
    ],
    [
      'from restricted to classic',
      withFacts({ jail: { mode: 'restricted' }, user }),
      /^Start the worker as root with CAP_SETUID/,
    ],
    [
      'by its own settings',
      withFacts({ jail: { mode: 'restricted' }, user: { ...user, canMakeUserNamespaces: true } }),
      /^Set BULLPEN_JAIL=namespaces/,
    ],
    [
      'from nothing to restricted',
      withFacts({ jail: none, user, landlockAbi: 5 }),
      /^Boot Linux 6\.12 or newer, whose Landlock \(ABI 6\)/,
    ],
    ['to Landlock', withFacts({ landlockAbi: 0 }), /^Boot Linux 5\.13 or newer with landlock/],
    [
      'to a newer Landlock',
      withFacts({ landlockAbi: 3 }),
      /^Boot Linux 6\.12 or newer: its Landlock \(ABI 6, here 3\)/,
    ],
    ['to AppArmor', withProfile({ state: 'missing' }), /^Load the AppArmor profiles with `bullpen apparmor load`/],
    ['to cgroups', withFacts({ cgroups: { isUsable: false, obstacle: 'no' } }), /^Delegate a cgroup to the worker/],
  ])('%s is one of its sentences', (_what, facts, lift) => {
    expect(describeRung(facts).lifts.filter((sentence) => lift.test(sentence))).toHaveLength(1);
  });

  it('is not Landlock twice', () => {
    const { lifts } = describeRung(withFacts({ jail: none, user, landlockAbi: 0 }));
    expect(lifts.filter((lift) => lift.includes('5.13'))).toHaveLength(1);
  });
});
