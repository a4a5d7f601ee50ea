import { UsageError } from '../usage-error.ts';

/** A file to be put into the jail: its path in the work directory, and where its bytes come from on this machine. */
export interface FileOption {
  readonly path: string;
  readonly source: string;
}

/** Reads `PATH=SRC` of `--file`; a plain `SRC` keeps its own name. Throws a UsageError that shows the shape. */
export function parseFileOption(text: string): FileOption {
  const equals = text.indexOf('=');
  const path = equals < 0 ? (text.split('/').at(-1) ?? '') : text.slice(0, equals);
  const source = equals < 0 ? text : text.slice(equals + 1);
  if (path === '' || source === '') {
    throw new UsageError(`--file is ${JSON.stringify(text)}: write PATH=SRC, for instance data/input.txt=./input.txt.`);
  }
  return { path, source };
}
