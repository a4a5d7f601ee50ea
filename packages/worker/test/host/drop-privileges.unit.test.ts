import { describe, expect, test } from 'vitest';
import { assertUnprivileged } from '../../src/host/drop-privileges.ts';

const identity = { uid: 1_900_000_001, gid: 1_900_000_002 };
const status = [
  'Name:\tnode',
  'Uid:\t1900000001\t1900000001\t1900000001\t1900000001',
  'Gid:\t1900000002\t1900000002\t1900000002\t1900000002',
  'Groups:\t ',
  'CapInh:\t0000000000000000',
  'CapPrm:\t0000000000000000',
  'CapEff:\t0000000000000000',
  'CapBnd:\t000001ffffffffff',
  'CapAmb:\t0000000000000000',
].join('\n');

describe('a thread after dropping privileges', () => {
  test('has only the new identity', () => {
    expect(() => assertUnprivileged(status, identity)).not.toThrow();
  });

  test('may have ended meanwhile', () => {
    expect(() => assertUnprivileged(null, identity)).not.toThrow();
  });

  test.each([
    ['a saved UID', 'Uid', status.replace('1900000001\nGid', '0\nGid')],
    ['a GID', 'Gid', status.replace('Gid:\t1900000002', 'Gid:\t0')],
    ['a group', 'Groups', status.replace('Groups:\t ', 'Groups:\t0 ')],
    ['a capability', 'CapPrm', status.replace('CapPrm:\t0000000000000000', 'CapPrm:\t0000000000000080')],
    ['an unreadable line', 'CapEff', status.replace('CapEff', 'CapOdd')],
  ])('is refused with %s left', (_what, name, text) => {
    expect(() => assertUnprivileged(text, identity)).toThrow(new RegExp(`has ${name} ".*refusing to run`));
  });
});
