import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { builtinProfiles } from '../src/builtin/index.ts';
import { makeNodeHost } from '../src/host.ts';
import { renderJailerTable } from '../src/render-jailer-table.ts';
import { resolveProfile } from '../src/resolve-profile.ts';

const run = promisify(execFile);
const host = makeNodeHost({ version: async (program, args) => (await run(program, [...args])).stdout });

/** Bounds of the jailer's table for one profile. */
const tableBounds = { views: 96, links: 32 };

const resolutions = await Promise.all(builtinProfiles.map((profile) => resolveProfile(profile, host)));
const available = resolutions.filter((resolution) => resolution.available);
const unavailable = resolutions.filter((resolution) => !resolution.available);

describe.each(available)('$profile.name, which this machine has,', (resolution) => {
  test('says the version of its program', () => {
    expect(resolution.toolchainVersion).toMatch(/\d/);
    expect(resolution.program).toMatch(/^\/(usr|opt|venv)\//);
  });

  test('shows real paths only', async () => {
    for (const { source } of resolution.view) expect(await host.realpath(source)).toBe(source);
  });

  test("fits into the jailer's table", () => {
    const slots = [{ uid: 5000, gid: 5000 }];
    const table = renderJailerTable({ runDir: '/run/x', mode: 'root', slots, cgroups: {}, profiles: [resolution] });
    expect(table).toContain(`profile 0 ${resolution.profile.name}\n`);
    expect(resolution.view.length).toBeLessThanOrEqual(tableBounds.views);
    expect(resolution.links.length).toBeLessThanOrEqual(tableBounds.links);
  });
});

test('a profile that this machine lacks says what is missing', () => {
  for (const { reason } of unavailable) {
    expect(reason).toMatch(/^(no .+ on this host: none of \/|this host has no \/|"\/.+" (failed|printed))/);
  }
});

test('node is always available: the worker itself runs in one', () => {
  expect(available.map(({ profile }) => profile.name)).toContain('node');
});
