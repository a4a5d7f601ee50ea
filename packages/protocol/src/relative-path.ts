import { z } from 'zod';

/** What one path of the work directory may be. */
export const pathBounds = { bytes: 1024, segmentBytes: 255, levels: 32 } as const;

/** Why `path` cannot name a file of the work directory, as the rest of a sentence; null when it can. */
export function relativePathProblem(path: string): string | null {
  if (path === '') return 'must not be empty';
  if (!path.isWellFormed()) return 'must be well-formed Unicode';
  if (hasControlCharacter(path)) return 'must not contain control characters';
  if (path.startsWith('/')) return 'must be relative to the work directory';
  if (Buffer.byteLength(path) > pathBounds.bytes) return `must have at most ${pathBounds.bytes} bytes`;
  const segments = path.split('/');
  if (segments.length > pathBounds.levels) return `must have at most ${pathBounds.levels} levels`;
  for (const segment of segments) {
    if (segment === '') return 'must not contain an empty name ("//", or "/" at the end)';
    if (segment === '.' || segment === '..') return `must not contain "${segment}"`;
    if (Buffer.byteLength(segment) > pathBounds.segmentBytes) {
      return `must have names of at most ${pathBounds.segmentBytes} bytes`;
    }
  }
  return null;
}

function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

/** A path of a file in the work directory: relative, `/` between names, no `.` or `..`, no control characters. */
export const relativePathSchema = z.string().check((context) => {
  const problem = relativePathProblem(context.value);
  if (problem !== null) context.issues.push({ code: 'custom', message: problem, input: context.value });
});
