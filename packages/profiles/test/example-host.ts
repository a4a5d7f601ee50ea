import { posix } from 'node:path';
import type { ProfileHost } from '../src/host.ts';

/** A host described as data: directories and files by path, links with their text, programs with what they print as version. */
export interface HostDescription {
  readonly paths?: readonly string[];
  readonly links?: Readonly<Record<string, string>>;
  readonly programs?: Readonly<Record<string, string | Error>>;
  readonly node?: string;
  readonly home?: string;
}

/** A ProfileHost over a description; every directory above a named path exists. */
export function makeExampleHost(description: HostDescription): ProfileHost {
  const links = new Map(Object.entries(description.links ?? {}));
  const programs = new Map(Object.entries(description.programs ?? {}));
  const entries = new Set<string>(['/']);
  for (const path of [...(description.paths ?? []), ...programs.keys(), ...links.keys()]) {
    for (let at = path; at !== '/'; at = posix.dirname(at)) entries.add(at);
  }
  const follow = (path: string): string | null => {
    let real = '/';
    for (const name of path.split('/').filter((part) => part !== '')) {
      real = posix.join(real, name);
      const text = links.get(real);
      if (text !== undefined) real = follow(posix.resolve(posix.dirname(real), text)) ?? '/nowhere';
    }
    return entries.has(real) ? real : null;
  };
  return {
    node: description.node ?? '/usr/bin/node',
    home: description.home ?? '/home/worker',
    realpath: async (path) => follow(path),
    linkText: async (path) => links.get(path) ?? null,
    isExecutable: async (path) => programs.has(follow(path) ?? ''),
    list: async (directory) =>
      [...entries]
        .filter((path) => path !== '/' && posix.dirname(path) === directory)
        .map((path) => posix.basename(path)),
    version: async (program) => {
      const answer = programs.get(follow(program) ?? '');
      if (typeof answer === 'string') return answer;
      throw answer ?? new Error('no such program');
    },
  };
}
