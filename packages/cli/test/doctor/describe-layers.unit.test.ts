import type { Receipt } from '@bullpen/protocol';
import { expect, it } from 'vitest';
import { describeLayers } from '../../src/doctor/describe-layers.ts';
import { parseFeatures } from '../../src/doctor/parse-features.ts';
import { soundFacts } from './sound-facts.ts';

const features = parseFeatures(
  'kernel=6.8.0\nlandlock=4\nseccomp=1\napparmor=0\nroot=1\nuser_namespaces=1\nnot a feature\n',
);
const receiptWith = (...names: readonly string[]): Receipt =>
  ({ layers: names.map((name) => ({ name, detail: `${name}!` })) }) as unknown as Receipt;
const floor = soundFacts.floor;
const find = (name: string, receipt: Receipt | null) =>
  describeLayers(features, receipt, floor).find((layer) => layer.name === name);

it('reads the features that the jailer prints', () => {
  expect(features.get('kernel')).toBe('6.8.0');
  expect(features.size).toBe(6);
});

it('says what was measured in a jail', () => {
  expect(find('seccomp', receiptWith('seccomp'))).toEqual({
    name: 'seccomp',
    available: true,
    active: true,
    oneOf: ['seccomp'],
    required: true,
    measured: 'seccomp!',
  });
});

it('tells a layer that the kernel lacks from one that the jail does not have', () => {
  expect(find('apparmor', receiptWith('landlock'))?.measured).toBe('the kernel lacks it');
  expect(find('landlock', receiptWith('apparmor'))?.measured).toBe("not in the jail's receipt");
});

it('needs one of landlock and apparmor, and says so of both', () => {
  for (const name of ['landlock', 'apparmor']) {
    expect(find(name, receiptWith('landlock', 'apparmor'))).toMatchObject({
      oneOf: ['landlock', 'apparmor'],
      required: false,
    });
  }
  expect(find('landlock', receiptWith('apparmor'))?.required).toBe(false);
  expect(find('landlock', receiptWith('landlock'))?.required).toBe(true);
  expect(find('landlock', receiptWith())?.required).toBe(true);
});

it('needs no layer that the floor does not name', () => {
  expect(find('cgroup', receiptWith('cgroup'))).toMatchObject({ oneOf: null, required: false });
  expect(describeLayers(features, null, [['cgroup']]).find(({ name }) => name === 'cgroup')?.required).toBe(true);
});

it('counts nothing as active without a receipt', () => {
  expect(describeLayers(features, null, floor).some(({ active }) => active)).toBe(false);
});
