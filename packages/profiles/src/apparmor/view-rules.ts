import { posix } from 'node:path';
import type { Profile } from '../profile.ts';
import type { ResolvedViewPath } from '../resolve-view.ts';
import { mergedDirectories } from '../resolve-view.ts';

/** One place of the jail that a profile may show on some host, with all below it. */
export interface ViewRule {
  readonly access: 'read' | 'execute';
  /** Absolute; `*` stands for any text of one name. */
  readonly pattern: string;
}

/**
 * Every place that a profile's view may have on any host, from the profile's data alone: optional paths, paths with `*`, the twins of
 * /usr/bin and the like on hosts that never merged them, longer names of versioned files, and where a toolchain outside the view is shown.
 */
export function viewRules({ view, toolchain }: Profile): readonly ViewRule[] {
  const rules: ViewRule[] = view.map(({ access, source, target }) => ({ access, pattern: target ?? source }));
  for (const name of mergedDirectories) {
    const twin = rules.find(({ pattern }) => pattern === `/usr/${name}`);
    if (twin !== undefined) rules.push({ access: twin.access, pattern: `/${name}` });
  }
  const places = toolchain.mountAt === undefined ? ownPlaces(toolchain, rules) : [toolchain.mountAt];
  for (const pattern of places) {
    if (!rules.some((rule) => covers(rule, { access: 'execute', target: pattern }))) {
      rules.push({ access: 'execute', pattern });
    }
  }
  return rules;
}

/**
 * Names such as `libz.so.1` and `bin/python3` are links to longer ones. A mount shows the file under the name that was asked for; without one the
 * kernel sees the file's own, so the rules take both.
 */
export function hasLongerNames(pattern: string): boolean {
  return /\.so(\.\d+)*$|\/bin\/[^/]+\d$/.test(pattern);
}

/**
 * Toolchains outside the view are shown at their own place unless the profile says where. A place that only the host knows cannot be named here.
 */
function ownPlaces({ programs, mountLevels }: Profile['toolchain'], rules: readonly ViewRule[]): readonly string[] {
  return programs
    .filter((program) => !program.includes('{'))
    .filter((program) => !rules.some((rule) => covers(rule, { access: 'execute', target: program })))
    .map((program) => Array.from({ length: mountLevels }).reduce<string>((path) => posix.dirname(path), program))
    .filter((place) => place !== '/');
}

/** The first path of a host's view that the rules do not name, or name with less access; null when they name all. */
export function findUncovered(
  rules: readonly ViewRule[],
  view: readonly Pick<ResolvedViewPath, 'access' | 'target'>[],
): string | null {
  return view.find((path) => !rules.some((rule) => covers(rule, path)))?.target ?? null;
}

function covers(rule: ViewRule, path: Pick<ResolvedViewPath, 'access' | 'target'>): boolean {
  if (path.access === 'execute' && rule.access === 'read') return false;
  const literal = rule.pattern.split('*').map((text) => text.replaceAll(/[^\w/]/g, '\\$&'));
  const longer = hasLongerNames(rule.pattern) ? '(\\.[^/]*)?' : '';
  return new RegExp(`^${literal.join('[^/]*')}${longer}(/|$)`).test(path.target);
}
