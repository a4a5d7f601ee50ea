import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { renderAppArmorFiles } from '../../src/apparmor/write-apparmor-files.ts';

const directory = fileURLToPath(new URL('../../../../deploy/apparmor/', import.meta.url));
const parser = ['/usr/sbin/apparmor_parser', '/sbin/apparmor_parser'].find((path) => existsSync(path));
const files = renderAppArmorFiles();

test('deploy/apparmor holds one file for each built-in profile', () => {
  const committed = readdirSync(directory).filter((name) => name.endsWith('.apparmor'));
  expect(committed.toSorted()).toEqual([...files.keys()].toSorted());
});

test.each([...files])('deploy/apparmor/%s is up to date', (name, text) => {
  const remedy = 'run packages/profiles/src/apparmor/write-apparmor-files.ts';
  expect(readFileSync(`${directory}${name}`, 'utf8'), remedy).toBe(text);
});

test('continuous integration has AppArmor’s parser', () => {
  const isThere = parser !== undefined || process.env['CI'] === undefined;
  expect(isThere, 'install the package apparmor; tools/ensure-test-packages.sh does it for root').toBe(true);
});

/** `./bullpen test` installs the parser where it may (tools/ensure-test-packages.sh). */
describe.runIf(parser !== undefined)('AppArmor’s parser, where it is installed', () => {
  test.each([...files.keys()])('compiles deploy/apparmor/%s', (name) => {
    compile(`${directory}${name}`);
  });
});

/** Without the kernel and without the cache: nothing is loaded or written. */
function compile(path: string): void {
  execFileSync(parser ?? 'apparmor_parser', ['--skip-kernel-load', '--skip-cache', path], { stdio: 'pipe' });
}
