import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from '../source-files.ts';
import type { Attacks } from './record.ts';
import { attackOf, type Group, groupOf, groups } from './rungs.ts';

/** Every test of the groups, as Vitest collects them without running any: about five seconds. */
export function listAttacks(): Attacks {
  const vitest = join(repositoryRoot, 'node_modules/vitest/vitest.mjs');
  const words = ['list', '--json', '--staticParse=false', '--project', 'system', 'tests/deny', 'tests/limits'];
  const text = execFileSync(process.execPath, [vitest, ...words], {
    cwd: repositoryRoot,
    encoding: 'utf8',
    env: cleanEnvironment(),
  });
  const attacks = new Map<Group, Set<string>>(groups.map((group) => [group, new Set()]));
  for (const { name, file } of JSON.parse(text) as { readonly name: string; readonly file: string }[]) {
    const group = groupOf(file);
    if (group !== null) attacks.get(group)?.add(attackOf(name.split(' > ')));
  }
  return attacks;
}

/** Vitest in Vitest: the outer one's variables are not for the inner one. */
function cleanEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')));
}
