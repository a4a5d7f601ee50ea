import { z } from 'zod';
import { byteLength, bytesSchema } from './bytes.ts';
import { relativePathSchema } from './relative-path.ts';

/** What all files of one job may be together. */
export const fileTreeBounds = { files: 2000, bytes: 33_554_432 } as const;

/** One file that is put into the work directory before the first command. */
export const fileSchema = z.strictObject({
  path: relativePathSchema,
  content: bytesSchema,
  /** Permission bits; setuid, setgid and sticky do not exist in a jail. */
  mode: z.int().min(0).max(0o777, 'must be permission bits, at most 511 (octal 777)').default(0o644),
});

export type File = z.output<typeof fileSchema>;

const filesSchema = z.array(fileSchema).max(fileTreeBounds.files).superRefine(checkTree);

/** The files of a job, validated as one tree: no path twice, no file that is also a directory of another, bounded bytes. */
export const fileTreeSchema = z.preprocess((files: z.input<typeof filesSchema>, context) => {
  // Counted before any file is looked at, so that a hundred thousand of them cost one sentence and not their parsing.
  if (Array.isArray(files) && files.length > fileTreeBounds.files) {
    const message = `must have at most ${fileTreeBounds.files} files`;
    context.issues.push({ code: 'custom', message, input: files, params: { got: files.length } });
  }
  return files;
}, filesSchema);

export type FileTree = readonly File[];

/** Every directory that the paths of `files` need, the work directory itself left out. */
export function directoriesOf(files: readonly { readonly path: string }[]): Set<string> {
  const directories = new Set<string>();
  for (const { path } of files) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const directory = path.slice(0, end);
      // Those above it are known, too.
      if (directories.has(directory)) break;
      directories.add(directory);
    }
  }
  return directories;
}

/** Decoded bytes of all files together. */
export function fileTreeBytes(files: FileTree): number {
  let total = 0;
  for (const file of files) total += byteLength(file.content);
  return total;
}

function checkTree(files: FileTree, context: z.RefinementCtx): void {
  const directories = directoriesOf(files);
  const seen = new Set<string>();
  for (const [index, { path }] of files.entries()) {
    const problem = seen.has(path)
      ? 'must differ from the path of every other file'
      : directories.has(path)
        ? 'must not be a directory of another file'
        : null;
    if (problem !== null) context.addIssue({ code: 'custom', message: problem, path: [index, 'path'] });
    seen.add(path);
  }
  const bytes = fileTreeBytes(files);
  if (bytes > fileTreeBounds.bytes) {
    const message = `must hold at most ${fileTreeBounds.bytes} bytes together`;
    context.addIssue({ code: 'custom', message, params: { got: bytes } });
  }
}
