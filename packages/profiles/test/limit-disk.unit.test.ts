import { expect, test } from 'vitest';
import { limitDisk } from '../src/limit-disk.ts';
import { makeProfile } from './example-profile.ts';

const profile = makeProfile();
const { diskBytes } = profile.defaults;

test('a roomy place leaves a profile as it is', () => {
  expect(limitDisk(profile, profile.ceilings.diskBytes)).toBe(profile);
});

test('a smaller place lowers the ceiling and nothing else', () => {
  const ceilings = { ...profile.ceilings, diskBytes: diskBytes * 4 };
  const limited = limitDisk(makeProfile({ ceilings }), diskBytes * 2);
  expect(limited).toEqual({ ...profile, ceilings: { ...ceilings, diskBytes: diskBytes * 2 } });
});

test('a place below the default is refused', () => {
  expect(limitDisk(profile, diskBytes).ceilings.diskBytes).toBe(diskBytes);
  expect(() => limitDisk(profile, diskBytes - 1)).toThrow(
    `profile example gives each job ${diskBytes} bytes of disk, and there are ${diskBytes - 1} for it`,
  );
});
