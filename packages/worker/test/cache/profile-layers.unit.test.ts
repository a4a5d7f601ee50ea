import { expect, test } from 'vitest';
import { createProfileLayers } from '../../src/cache/profile-layers.ts';

test('layers are those supposed until a jail has others; the next digests name those', () => {
  const layers = createProfileLayers({ bash: ['seccomp', 'identity'] });
  expect(layers.of('bash')).toEqual(['identity', 'seccomp']);
  expect(layers.confirm('bash', [{ name: 'identity' }, { name: 'seccomp' }])).toBe(true);
  const measured = [{ name: 'seccomp' }, { name: 'identity' }, { name: 'apparmor' }];
  expect(layers.confirm('bash', measured)).toBe(false);
  expect(layers.of('bash')).toEqual(['apparmor', 'identity', 'seccomp']);
  expect(layers.confirm('bash', measured)).toBe(true);
  expect(layers.of('unheard-of')).toEqual([]);
});
