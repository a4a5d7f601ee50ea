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
] as const;

export type RungKey = (typeof rungs)[number]['key'];

/** A row of the table: a file of `tests/deny`, or `limits`. */
export type Group = string;

const firstGroups = ['files', 'network', 'processes', 'kernel', 'identity', 'ipc'];

/** In the order of the rows: those that everybody looks for first, then the others by name. */
export function sortGroups(groups: Iterable<Group>): readonly Group[] {
  const place = (group: Group): number => firstGroups.indexOf(group) + 1 || firstGroups.length + 1;
  return [...groups].toSorted((one, other) => place(one) - place(other) || one.localeCompare(other));
}

/** The group of a test file; null for every other file, and for that which compares the suites. */
export function groupOf(file: string): Group | null {
  const [, name] = /(?:^|\/)tests\/(?:deny|limits)\/([\w-]+)\.test\.ts$/.exec(file) ?? [];
  return name === undefined || name === 'twins' ? null : name;
}

/** What a test tries, without the name of its twin and without the outcome that it expects. */
export function attackOf(titles: readonly string[]): string {
  return titles
    .filter((title) => title !== '')
    .join(' > ')
    .replace(/ \(twin: .*\)$/, '')
    .replace(outcomePattern, '');
}

/** Whether a test says that its attack gets through where it runs: a limit that this rung has not. */
export function expectsThrough(title: string): boolean {
  return outcomePattern.exec(title)?.[1] === 'through';
}

const outcomePattern = / ends as ([\w-]+)$/;

/** Whether a test shows what is allowed, beside one that shows what is not. */
export function isTwin(title: string): boolean {
  return title.startsWith('just under ');
}
