import { BullpenError, type JobInput, relativePathProblem } from '@bullpen/protocol';

/** A file that is put into the work directory. A directory is sent as its files, a zip file as what it is: one file. */
export interface SentFile {
  /** Relative to the work directory, `/` between names. */
  readonly path: string;
  readonly content: string | Uint8Array;
  /** Permission bits; 0o644 unless said. */
  readonly mode?: number;
}

/** A file by name and content, as codejail takes its `extra_files`. */
export type ExtraFile = readonly [name: string, content: string | Uint8Array];

type JobFile = NonNullable<JobInput['files']>[number];

/** Where codejail gives the code a place to write. */
export const temporaryDirectory = 'tmp';

/** The files of both lists. */
export function allFiles(files: readonly SentFile[] = [], extraFiles: readonly ExtraFile[] = []): SentFile[] {
  return [...files, ...extraFiles.map(([path, content]): SentFile => ({ path, content }))];
}

/** Files as a job takes them. Throws BullpenError `invalid-job` for a name that leads out of the work directory, or that is one of `taken`. */
export function toJobFiles(files: readonly SentFile[], taken: readonly string[]): JobFile[] {
  return files.map((file) => {
    const problem = relativePathProblem(file.path) ?? takenProblem(file.path, taken);
    if (problem !== null) {
      throw new BullpenError(
        'invalid-job',
        `The name of a file ${problem}, got ${JSON.stringify(file.path.slice(0, 80))}.`,
      );
    }
    return toJobFile(file);
  });
}

function takenProblem(path: string, taken: readonly string[]): string | null {
  const [first] = path.split('/');
  if (path === temporaryDirectory) return 'must not be that of the directory for temporary files';
  return taken.includes(path) || taken.includes(first ?? '') ? 'must not be that of the code' : null;
}

function toJobFile({ path, content, mode }: SentFile): JobFile {
  return {
    path,
    content: toContent(content),
    ...(mode === undefined ? {} : { mode }),
  };
}

/** Text as it is, unless it is malformed: then, and for bytes, base64. */
function toContent(content: string | Uint8Array): JobFile['content'] {
  if (typeof content === 'string' && content.isWellFormed()) return content;
  return { base64: toBytes(content).toString('base64') };
}

/** Of a file of many megabytes no copy is made. */
function toBytes(content: string | Uint8Array): Buffer {
  if (typeof content === 'string') return Buffer.from(content);
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}
