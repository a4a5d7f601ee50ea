import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { delegatedAbove, locateCgroup, parseCgroupMounts, parseMemberships } from '../../src/host/discover-cgroups.ts';

const memberships = '9:name=systemd:/\n8:pids:/\n4:memory:/services/abc\n2:cpu,cpuacct:/services\n0::/\n';
const mounts = [
  '31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755',
  '33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct',
  '35 31 0:32 /services /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory',
  '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw',
].join('\n');

describe('finding this process’s cgroups', () => {
  const where = (controller: string) =>
    locateCgroup(controller, parseMemberships(memberships), parseCgroupMounts(mounts));

  test('joins the hierarchy’s mount point and the membership', () => {
    expect(where('cpuacct')).toBe('/sys/fs/cgroup/cpu,cpuacct/services');
  });

  test('takes the mounted root away where only a part of the hierarchy is mounted', () => {
    expect(where('memory')).toBe('/sys/fs/cgroup/memory/abc');
  });

  test('knows the one hierarchy of version 2', () => {
    expect(where('unified')).toBe('/sys/fs/cgroup/unified');
  });

  test('finds nothing for a hierarchy that is not mounted', () => {
    expect(where('pids')).toBeNull();
  });
});

describe('the cgroup above', () => {
  const made: string[] = [];
  afterAll(() => {
    for (const folder of made) rmSync(folder, { recursive: true });
  });
  function makeCgroup(name: string, processesAbove: string | null): string {
    const above = mkdtempSync(join(tmpdir(), 'bullpen-cgroup-'));
    made.push(above);
    if (processesAbove !== null) writeFileSync(join(above, 'cgroup.procs'), processesAbove);
    mkdirSync(join(above, name));
    return join(above, name);
  }

  test('is the worker’s where an operator has put it into a child of the agreed name', () => {
    const own = makeCgroup('worker', '');
    expect(delegatedAbove(own)).toBe(join(own, '..'));
  });

  test.each<[why: string, own: string | null]>([
    ['with another name', makeCgroup('session-2.scope', '')],
    ['where others live above', makeCgroup('worker', '17\n')],
    ['where nothing is above', makeCgroup('worker', null)],
    ['where it is unknown', null],
  ])('is not %s', (_why, own) => {
    expect(delegatedAbove(own)).toBeNull();
  });
});
