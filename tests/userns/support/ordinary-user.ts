import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { startWorkerProcess, type TestWorker } from '../../support/worker.ts';

/** A user of this machine without any privilege, with a home and a temporary directory of its own; gone with the test. */
export interface OrdinaryUser {
  readonly uid: number;
  readonly home: string;
  /** Also its TMPDIR, and so the parent of its workers' run directories. */
  readonly temporary: string;
  /** Writes a file of its home and returns the path. */
  write(name: string, content: string): string;
  /** Runs the command line `bullpen` to its end as this user. */
  bullpen(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CliEnding>;
  /** Starts a worker as this user. */
  startWorker(redis: string, settings?: Readonly<Record<string, string>>): Promise<TestWorker>;
  /** Its processes, by name. */
  processes(): string[];
}

export interface CliEnding {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const program = fileURLToPath(new URL('../../../packages/cli/src/main.ts', import.meta.url));

export function makeOrdinaryUser(): OrdinaryUser {
  const uid = randomInt(1_200_000_000, 1_300_000_000);
  const home = mkdtempSync(join(tmpdir(), 'bullpen-user-'));
  const temporary = join(home, 'tmp');
  mkdirSync(temporary);
  for (const folder of [home, temporary]) {
    chownSync(folder, uid, uid);
    chmodSync(folder, 0o700);
  }
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const become = ['setpriv', '--reuid', `${uid}`, '--regid', `${uid}`, '--clear-groups'];
  return {
    uid,
    home,
    temporary,
    write(name, content) {
      const path = join(home, name);
      writeFileSync(path, content);
      chownSync(path, uid, uid);
      return path;
    },
    bullpen(args, env = {}) {
      const words = [...become.slice(1), process.execPath, '--conditions=@bullpen/source', program, ...args];
      const path = `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`;
      return runToEnd('setpriv', words, { cwd: home, env: { HOME: home, PATH: path, TMPDIR: temporary, ...env } });
    },
    startWorker: (redis, settings = {}) =>
      startWorkerProcess(redis, { BULLPEN_RUN_DIR: temporary, ...settings }, become),
    processes: () => processesOf(uid),
  };
}

async function runToEnd(
  file: string,
  words: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<CliEnding> {
  const child = spawn(file, words, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr] = await Promise.all([buffer(child.stdout), buffer(child.stderr)]);
  return { exitCode: await exit, stdout: stdout.toString(), stderr: stderr.toString() };
}

function processesOf(uid: number): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      const isHis = new RegExp(`^Uid:\\t${uid}\\t`, 'm').test(status);
      return isHis ? [/^Name:\t(.*)$/m.exec(status)?.[1] ?? ''] : [];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}
