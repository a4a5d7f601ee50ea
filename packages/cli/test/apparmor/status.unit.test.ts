import { parseLoadedProfiles } from '@bullpen/profiles';
import { expect, test } from 'vitest';
import { describeStatus } from '../../src/apparmor/status.ts';

const wanted = ['a', 'b', 'c', 'd'].map((profile) => ({ profile, name: `bullpen-${profile}-0123456789ab`, text: '' }));

test('tells what is enforced, in another mode, stale, missing and left over', () => {
  const loaded = parseLoadedProfiles(
    'bullpen-a-0123456789ab (enforce)\nbullpen-b-0123456789ab (complain)\nbullpen-c-ffffffffffff (enforce)\n/usr/bin/man (enforce)\n',
  );
  const rows = describeStatus(wanted, loaded, new Map([['bullpen-c-ffffffffffff', 3]]));
  expect(rows).toEqual([
    { profile: 'a', name: 'bullpen-a-0123456789ab', state: 'enforced', mode: 'enforce', processes: 0 },
    { profile: 'b', name: 'bullpen-b-0123456789ab', state: 'not-enforced', mode: 'complain', processes: 0 },
    { profile: 'c', name: 'bullpen-c-0123456789ab', state: 'stale', mode: null, processes: 0 },
    { profile: 'd', name: 'bullpen-d-0123456789ab', state: 'missing', mode: null, processes: 0 },
    { profile: 'c', name: 'bullpen-c-ffffffffffff', state: 'outdated', mode: 'enforce', processes: 3 },
  ]);
});
