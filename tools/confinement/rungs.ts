/**
 * The columns of the table: a rung on this or that host. The results of one come from `tests/results/KEY.json`, and from `tests/results/KEY.PART.json`
 * where it was run in parts.
 */
export const rungs = [
  { key: 'namespaces', title: 'namespaces' },
  { key: 'userns', title: 'namespaces of an ordinary user' },
  { key: 'classic', title: 'classic' },
  { key: 'restricted', title: 'restricted' },
  { key: 'vm-namespaces', title: 'namespaces, AppArmor' },
  { key: 'vm-classic', title: 'classic, AppArmor' },
  { key: 'apparmor-alone', title: 'AppArmor alone' },
  { key: 'landlock-alone', title: 'Landlock and seccomp alone' },
] as const;

export type RungKey = (typeof rungs)[number]['key'];

/** The rows of the table, in this order: a file of `tests/deny` each, and `tests/limits`. */
export const groups = ['files', 'network', 'processes', 'kernel', 'identity', 'ipc', 'others', 'limits'] as const;

export type Group = (typeof groups)[number];

/** The group of a test file; null for every other file. Throws for a file of `tests/deny` that has no row yet. */
export function groupOf(file: string): Group | null {
  const [, name] = /(?:^|\/)tests\/(?:deny|limits)\/([\w-]+)\.test\.ts$/.exec(file) ?? [];
  if (name === undefined || name === 'twins') return null;
  const group = groups.find((each) => each === name);
  if (group === undefined) throw new Error(`${file} has no row in the table of docs/confinement.md: add it to groups.`);
  return group;
}

/** What a test tries, without the name of its twin. */
export function attackOf(titles: readonly string[]): string {
  return titles
    .filter((title) => title !== '')
    .join(' > ')
    .replace(/ \(twin: .*\)$/, '');
}
