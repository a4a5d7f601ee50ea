import { describe, expect, test } from 'vitest';
import { chooseJailMode } from '../../src/host/choose-jail-mode.ts';
import { type Capability, capabilityBits, parseCapabilities, type Powers } from '../../src/host/powers.ts';

const capabilities = (...names: readonly Capability[]): bigint =>
  names.reduce((bits, name) => bits | (1n << BigInt(capabilityBits[name])), 0n);
const ofClassic = capabilities('SETUID', 'SETGID', 'KILL', 'CHOWN');
const all = 0x1ff_ffff_ffffn;

function makePowers(changes: Partial<Powers> & { readonly abi?: number; readonly namespaces?: boolean }): Powers {
  const { abi = 6, namespaces = false, ...rest } = changes;
  return {
    uid: 1000,
    gid: 1000,
    capabilities: 0n,
    landlockAbi: async () => abi,
    canMakeUserNamespaces: async () => namespaces,
    ...rest,
  };
}

const root = (held: bigint): Powers => makePowers({ uid: 0, capabilities: held });

describe('auto takes the first rung within reach', () => {
  test.each([
    ['root with everything', root(all), 'root'],
    ['root with CAP_SYS_ADMIN among few', root(ofClassic | capabilities('SYS_ADMIN')), 'root'],
    ['root with the four capabilities alone', root(ofClassic), 'classic'],
    ['an ordinary user with user namespaces', makePowers({ namespaces: true }), 'userns'],
    ['an ordinary user without', makePowers({}), 'restricted'],
  ] as const)('%s', async (_who, powers, mode) => {
    expect(await chooseJailMode({ jail: 'auto', slots: 1 }, powers)).toBe(mode);
  });
});

describe('what is asked for is taken where it can be', () => {
  test.each([
    ['namespaces', root(all), 'root'],
    // Not tried first: the jailer says itself what was refused.
    ['namespaces', makePowers({}), 'userns'],
    ['classic', root(all), 'classic'],
    ['restricted', makePowers({ namespaces: true }), 'restricted'],
  ] as const)('%s', async (jail, powers, mode) => {
    expect(await chooseJailMode({ jail, slots: 1 }, powers)).toBe(mode);
  });
});

describe('what cannot be is refused with a sentence that says what is missing', () => {
  test.each([
    ['namespaces', root(ofClassic), /root without CAP_SYS_ADMIN: .* set jail to "classic"\.$/],
    ['classic', makePowers({}), /needs root with CAP_SETUID, .*, and this process is user 1000: .* "restricted"\.$/],
    ['classic', root(capabilities('SETUID', 'CHOWN')), /and has no CAP_SETGID, CAP_KILL: add them/],
    ['auto', root(0n), /and has no CAP_SETUID, CAP_SETGID, CAP_KILL, CAP_CHOWN: add them/],
    ['restricted', root(ofClassic), /must be an ordinary one .* user 0 with the capabilities 0xe1: drop all/],
    ['restricted', makePowers({ capabilities: 1n }), /user 1000 with the capabilities 0x1: drop all/],
    ['restricted', makePowers({ abi: 5 }), /Landlock of ABI 6 or newer .* has ABI 5: start the worker as root/],
    ['restricted', makePowers({ abi: 0 }), /and this kernel has none: start/],
  ] as const)('%s', async (jail, powers, sentence) => {
    await expect(chooseJailMode({ jail, slots: 1 }, powers)).rejects.toThrow(sentence);
  });

  test.each([2, 8])('restricted with %i slots', async (slots) => {
    await expect(chooseJailMode({ jail: 'auto', slots }, makePowers({}))).rejects.toThrow(
      new RegExp(`^slots is ${slots}, .* has exactly 1, .* set slots \\(BULLPEN_SLOTS\\) to 1`),
    );
  });
});

test('capabilities are read from the line of the effective ones', () => {
  expect(parseCapabilities('CapPrm:\t000001ffffffffff\nCapEff:\t00000000000000e1\nCapBnd:\t0\n')).toBe(ofClassic);
  expect(parseCapabilities('')).toBe(0n);
});
