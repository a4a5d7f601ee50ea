import { pathBounds, relativePathProblem } from '@bullpen/protocol';
import { codecProblem } from './codec-problem.ts';

export interface PlacedFile {
  /** Relative to the work directory. */
  readonly path: string;
  readonly content: string;
}

/** Either the files of a job, or a sentence for every source that cannot become one. */
export type Placement =
  | { readonly kind: 'files'; readonly files: readonly PlacedFile[] }
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

/** Names in the messages begin here, where the program would find its files. */
const workDirectory = '/sandbox';
const shownCharacters = 1000;
/** No path of so many characters is short enough once it is resolved, unless somebody is at play. */
const longestSource = 16_384;

/**
 * Finds the place of each source below the work directory: leading slashes are dropped, `.` and `..` resolved, and a later source takes the place
 * of an earlier one. Problems are worded as codebox's, with the path that the program would see in the place of the host's.
 */
export function placeSources(sources: ReadonlyMap<string, string>): Placement {
  const files = new Map<string, string>();
  const directories = new Set<string>();
  const problems: string[] = [];
  for (const [source, content] of sources) {
    const absolute = resolvePath(source);
    const path = absolute.slice(workDirectory.length + 1);
    const problem = sourceProblem(source, absolute, content) ?? treeProblem(path, files, directories);
    if (problem !== null) problems.push(problem);
    else enter(path, content, { files, directories });
  }
  if (problems.length > 0) return { kind: 'refused', problems };
  return { kind: 'files', files: Array.from(files, ([path, content]) => ({ path, content })) };
}

function resolvePath(source: string): string {
  const names = [workDirectory.slice(1)];
  if (source.length > longestSource) return `${workDirectory}/${source}`;
  for (const name of source.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return `/${names.join('/')}`;
}

/** What is wrong with one source by itself. */
function sourceProblem(source: string, absolute: string, content: string): string | null {
  if (source.includes('\0')) return 'embedded null byte';
  if (!absolute.isWellFormed()) return codecProblem(absolute);
  if (absolute === workDirectory) return `[Errno 21] Is a directory: ${quote(absolute)}`;
  if (!absolute.startsWith(`${workDirectory}/`)) return `Invalid file path: ${shorten(absolute)}`;
  const path = absolute.slice(workDirectory.length + 1);
  if (isTooLong(path)) return `[Errno 36] File name too long: ${quote(absolute)}`;
  const problem = relativePathProblem(path);
  if (problem !== null) return `Invalid file path: ${shorten(absolute)} ${problem}`;
  return codecProblem(content);
}

function isTooLong(path: string): boolean {
  return (
    Buffer.byteLength(path) > pathBounds.bytes ||
    path.split('/').some((name) => Buffer.byteLength(name) > pathBounds.segmentBytes)
  );
}

/** What is wrong with one source beside those before it. */
function treeProblem(
  path: string,
  files: ReadonlyMap<string, string>,
  directories: ReadonlySet<string>,
): string | null {
  if (directories.has(path)) return `[Errno 21] Is a directory: ${quote(`${workDirectory}/${path}`)}`;
  const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  if (files.has(parent)) return `[Errno 17] File exists: ${quote(`${workDirectory}/${parent}`)}`;
  const isBlocked = ancestorsOf(parent).some((ancestor) => files.has(ancestor));
  return isBlocked ? `[Errno 20] Not a directory: ${quote(`${workDirectory}/${parent}`)}` : null;
}

function enter(
  path: string,
  content: string,
  { files, directories }: { readonly files: Map<string, string>; readonly directories: Set<string> },
): void {
  files.set(path, content);
  for (const ancestor of ancestorsOf(path)) directories.add(ancestor);
}

function ancestorsOf(path: string): readonly string[] {
  const ancestors: string[] = [];
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
    ancestors.push(path.slice(0, end));
  return ancestors;
}

/** As Python quotes a text in its messages. */
function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  return mark + shorten(text).replaceAll('\\', '\\\\').replaceAll(mark, `\\${mark}`) + mark;
}

function shorten(text: string): string {
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters).toWellFormed()}…` : text;
}
