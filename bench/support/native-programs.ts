import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const native = new URL('../native/', import.meta.url).pathname;
const jailerSources = new URL('../../packages/jailer/src/', import.meta.url).pathname;

/** Paths of the programs that the benchmarks measure with, and of the one that they measure. */
export interface NativePrograms {
  /** Exits with 0 at once. */
  readonly nothing: string;
  readonly bareExec: string;
  readonly keeperClient: string;
}

/** Compiles the native parts into a folder, statically, so that starting one is one exec and no dynamic linking. Rejects with the compiler's words. */
export async function buildNativePrograms(folder: string): Promise<NativePrograms> {
  const build = async (name: string, ...sources: string[]): Promise<string> => {
    const program = `${folder}/${name}`;
    await run('gcc', [
      ...['-std=gnu11', '-D_GNU_SOURCE', '-O2', '-static', '-Wall', '-Wextra', '-Werror'],
      ...['-I', jailerSources, '-o', program, `${native}${name}.c`, ...sources],
    ]);
    return program;
  };
  const [nothing, bareExec, keeperClient] = await Promise.all([
    build('nothing'),
    build('bare-exec'),
    build('keeper-client', `${jailerSources}frame.c`),
  ]);
  return { nothing, bareExec, keeperClient };
}
