import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where the command lines of one test put all that they make, apart from what anybody else starts on this host meanwhile. */
export interface OwnPlace {
  /** For their environment. */
  readonly env: { readonly TMPDIR: string; readonly BULLPEN_RUN_DIR: string };
  /** Their temporary files. */
  temporaryFiles(): string[];
  /** What they have on this host: processes, the folders of Redis and of workers. */
  traces(): string[];
  remove(): void;
}

export function makeOwnPlace(): OwnPlace {
  const folder = mkdtempSync(join(tmpdir(), 'bullpen-cli-'));
  const [temporary, runs] = [join(folder, 'tmp'), join(folder, 'run')];
  // Open to the user that workers of root become.
  for (const path of [temporary, runs]) mkdirSync(path);
  chmodSync(folder, 0o711);
  const isOurs = (pid: string): boolean => ['cmdline', 'environ'].some((file) => readFact(pid, file).includes(folder));
  return {
    env: { TMPDIR: temporary, BULLPEN_RUN_DIR: runs },
    temporaryFiles: () => readdirSync(temporary),
    traces() {
      const processes = readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name) && isOurs(name))
        .map((pid) => `${pid} ${readFact(pid, 'cmdline').replaceAll('\0', ' ')}`);
      return [...processes, ...readdirSync(temporary), ...readdirSync(runs)].toSorted((a, b) => (a < b ? -1 : 1));
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function readFact(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // it has ended meanwhile
  }
}
