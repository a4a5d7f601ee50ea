import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppArmorProfile } from '@bullpen/profiles';
import { readProgram } from '../child-process.ts';

const timeoutMs = 120_000;

/** AppArmor's parser, which alone can compile profiles; null when it is missing. */
export function lookForParser(searchPath: string): string | null {
  const directories = [...searchPath.split(':'), '/usr/sbin', '/sbin'].filter((directory) => directory.startsWith('/'));
  return directories.map((directory) => join(directory, 'apparmor_parser')).find((path) => existsSync(path)) ?? null;
}

/** The same. Throws a sentence when it is missing. */
export function findParser(searchPath: string): string {
  const found = lookForParser(searchPath);
  if (found !== null) return found;
  throw new Error('apparmor_parser is missing: install it (Debian: apt-get install apparmor) and try again.');
}

/** Compiles the profiles and puts each into the kernel, in the place of one of the same name. Rejects with the parser's own words. */
export async function loadIntoKernel(parser: string, profiles: readonly AppArmorProfile[]): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'bullpen-apparmor-'));
  try {
    const files = profiles.map(({ name, text }) => {
      const file = join(directory, name);
      writeFileSync(file, text);
      return file;
    });
    await readProgram(parser, ['--replace', '--skip-cache', ...files], timeoutMs);
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`apparmor_parser failed: ${words.replace(/\.$/, '')}.`, { cause });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
