import type { ProfileHost } from './host.ts';

/**
 * The absolute paths of `host` that `pattern` matches: `*` stands for any text of one name.
 * A pattern without `*` is returned as it is, whether it exists or not. Last in the alphabet first, so that newer versions lead.
 */
export async function expandPattern(pattern: string, host: Pick<ProfileHost, 'list'>): Promise<readonly string[]> {
  if (!pattern.includes('*')) return [pattern];
  let found = [''];
  for (const segment of pattern.split('/').slice(1)) {
    const next = segment.includes('*')
      ? await Promise.all(found.map((directory) => matches(directory, segment, host)))
      : null;
    found = next === null ? found.map((directory) => `${directory}/${segment}`) : next.flat();
  }
  return found;
}

async function matches(directory: string, segment: string, host: Pick<ProfileHost, 'list'>): Promise<string[]> {
  const names = await host.list(directory === '' ? '/' : directory);
  const [start = '', ...rest] = segment.split('*');
  const end = rest.at(-1) ?? '';
  const middle = rest.slice(0, -1);
  return names
    .filter((name) => matchesSegment(name, start, middle, end))
    .toSorted()
    .toReversed()
    .map((name) => `${directory}/${name}`);
}

/** Whether `name` is `start`, then the `middle` texts in order, then `end`, with anything between them. */
function matchesSegment(name: string, start: string, middle: readonly string[], end: string): boolean {
  if (!name.startsWith(start) || !name.endsWith(end) || name.length < start.length + end.length) return false;
  let at = start.length;
  for (const text of middle) {
    const found = name.indexOf(text, at);
    if (found < 0) return false;
    at = found + text.length;
  }
  return at <= name.length - end.length;
}
