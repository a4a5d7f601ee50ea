import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { cgroupParents } from './cgroup-parents.ts';
import { delegateCgroups } from './delegate-cgroups.ts';

/** How the jails of a test's fleet are made; `userns` are namespaces made by an ordinary user. */
export type TestRung = 'namespaces' | 'userns' | 'classic' | 'restricted';

const rungs: readonly TestRung[] = ['namespaces', 'userns', 'classic', 'restricted'];

/** The rung that the suites run on: BULLPEN_TEST_RUNG, which the projects in vitest.config.ts set. */
export const rung: TestRung = readRung(process.env['BULLPEN_TEST_RUNG'] ?? 'namespaces');

function readRung(value: string): TestRung {
  const found = rungs.find((each) => each === value);
  if (found !== undefined) return found;
  throw new Error(`BULLPEN_TEST_RUNG is ${JSON.stringify(value)}: it must be one of ${rungs.join(', ')}.`);
}

/** Whether jails have a root of their own, and not the host's paths. */
export const hasOwnRoot = rung === 'namespaces' || rung === 'userns';
/** Whether a worker of this rung can make cgroups here, which bound and measure a whole tree of processes; an ordinary user was given none. */
export const hasCgroups = rung === 'namespaces' || rung === 'classic';
/** Jobs at a time that a fleet of the suites runs. A restricted worker has one user, and so one slot. */
export const slots = rung === 'restricted' ? 1 : 2;

/** What differs where nothing is mounted and no namespace made; a rung that is not named here answers as `namespaces`, `restricted` as `classic`. */
export interface AnswersByRung<Answer> {
  readonly namespaces: Answer;
  readonly userns?: Answer;
  readonly classic?: Answer;
  readonly restricted?: Answer;
}

/** The answer of the rung that the suites run on. */
export function onThisRung<Answer>(answers: AnswersByRung<Answer>): Answer {
  const { namespaces, userns = namespaces, classic = namespaces, restricted = classic } = answers;
  return { namespaces, userns, classic, restricted }[rung];
}

/** What a worker of this rung is started with. */
export interface RungPlace {
  /** Words of a program that starts it with this rung's privileges and no others. */
  readonly launcher: readonly string[];
  /** Its `BULLPEN_...` variables. */
  readonly settings: Readonly<Record<string, string>>;
  /** Parent of its run directory. */
  readonly runDir: string;
  /** Directory of the boxes, on a filesystem of its own; null where each jail mounts its own. */
  readonly boxes: string | null;
  /** Directories in which its jailer makes cgroups. */
  readonly cgroups: readonly string[];
  /** Removes what was made for it; the worker has ended. */
  remove(): void;
}

const cgroupsOfRoot = cgroupParents.map(({ path }) => path);
const boxesSize = '1024m';
const withoutPrivileges = ['--clear-groups', '--bounding-set=-all', '--inh-caps=-all'];

/** Prepares the host for one worker of this rung. The tests are run by root, who may do everything that the worker then may not. */
export function preparePlace(): RungPlace {
  if (rung === 'namespaces')
    return { launcher: [], settings: {}, runDir: '/run', boxes: null, cgroups: cgroupsOfRoot, remove() {} };
  const uid = rung === 'classic' ? 0 : randomInt(1_200_000_000, 1_800_000_000);
  const folder = mkdtempSync(join(tmpdir(), 'bullpen-rung-'));
  chmodSync(folder, 0o711);
  const runDir = makeFolder(join(folder, 'run'), uid, 0o755);
  const boxes = hasOwnRoot ? null : mountBoxes(join(folder, 'boxes'));
  // A root without CAP_DAC_OVERRIDE may not write where the hierarchies begin.
  const cgroups = rung === 'classic' ? delegateCgroups(basename(folder)) : null;
  return {
    launcher: [...(cgroups?.launcher ?? []), 'setpriv', ...privileges(uid)],
    settings: {
      BULLPEN_RUN_DIR: runDir,
      ...(rung === 'userns' ? {} : { BULLPEN_UID_LOCK_DIR: join(runDir, 'locks') }),
      ...(boxes === null ? {} : { BULLPEN_BOXES: boxes }),
      ...settingsOfRung(),
    },
    runDir,
    boxes,
    cgroups: cgroups?.parents ?? [],
    remove() {
      cgroups?.remove();
      if (boxes !== null) execFileSync('umount', ['--lazy', boxes]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function privileges(uid: number): readonly string[] {
  if (rung === 'classic') {
    return ['--bounding-set=-all,+setuid,+setgid,+kill,+chown', '--inh-caps=-all', '--clear-groups'];
  }
  const user = [`--reuid=${uid}`, `--regid=${uid}`, ...withoutPrivileges];
  return rung === 'restricted' ? [...user, '--no-new-privs'] : user;
}

function settingsOfRung(): Readonly<Record<string, string>> {
  if (rung !== 'restricted') return { BULLPEN_JAIL: rung === 'classic' ? 'classic' : 'namespaces' };
  return {
    BULLPEN_JAIL: 'restricted',
    BULLPEN_SLOTS: '1',
    BULLPEN_FLOOR: 'identity,rlimits,seccomp,landlock,restricted',
    BULLPEN_ENABLED: 'true',
  };
}

function makeFolder(path: string, uid: number, mode: number): string {
  mkdirSync(path);
  chownSync(path, uid, uid);
  chmodSync(path, mode);
  return path;
}

/** Everybody may write there, as in /dev/shm. */
function mountBoxes(path: string): string {
  mkdirSync(path);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${boxesSize},mode=1777`, 'bullpen-boxes', path]);
  return path;
}
