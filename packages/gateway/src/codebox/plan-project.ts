import type { JobToSubmit } from '@bullpen/client';
import { codeboxCompilerLimits } from '@bullpen/profiles';
import { codecProblem } from './codec-problem.ts';
import { answerOutputBytes, longestTimeoutSeconds, type ResolvedCodeboxOptions } from './codebox-options.ts';
import type { PlacedFile } from './place-sources.ts';
import { type Answer, makeUnrunAnswer, type ProjectCommand } from './project.ts';
import { timeoutSentence } from './timeout-sentence.ts';

/** What becomes of one command: an answer at once, or a turn in the job and then an answer by its report. */
export type PlannedCommand =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | {
      readonly kind: 'runs';
      readonly words: readonly string[];
      readonly stdin: string;
      readonly timeoutSeconds: number;
    };

/** What the profile gives a stream. */
const usualOutputBytes = 1_048_576;

/** Decides which commands are run at all. */
export function planCommands(commands: readonly ProjectCommand[]): readonly PlannedCommand[] {
  return commands.map((command) => {
    const answer = answerWithoutRun(command);
    if (answer !== null) return { kind: 'answered', answer };
    const { words, stdin, timeoutSeconds } = command;
    return { kind: 'runs', words, stdin, timeoutSeconds: Math.min(timeoutSeconds ?? Infinity, longestTimeoutSeconds) };
  });
}

/** In codebox's order: what its server cannot even start comes first, then what is over before it begins. */
function answerWithoutRun({ words, stdin, timeoutSeconds }: ProjectCommand): Answer | null {
  const problem = wordsProblem(words) ?? codecProblem(stdin);
  if (problem !== null) return makeUnrunAnswer(-1, problem);
  if (timeoutSeconds !== null && timeoutSeconds <= 0) return makeUnrunAnswer(-1, timeoutSentence(timeoutSeconds));
  return words.length === 0 ? makeUnrunAnswer(255, '') : null;
}

/** The problem of the first word that has one. */
function wordsProblem(words: readonly string[]): string | null {
  for (const word of words) {
    const problem = word.includes('\0') ? 'embedded null byte' : codecProblem(word);
    if (problem !== null) return problem;
  }
  return null;
}

/** One job for all commands that are run, so that they share a jail; null when there is none. */
export function makeProjectJob(
  files: readonly PlacedFile[],
  commands: readonly PlannedCommand[],
  options: ResolvedCodeboxOptions,
): JobToSubmit | null {
  const runs = commands.filter((command) => command.kind === 'runs');
  if (runs.length === 0) return null;
  return {
    profile: options.profile,
    files: files.map(({ path, content }) => ({ path, content })),
    commands: runs.map((run) => makeCommand(run, options.programs)),
    limits: { ...options.limits, ...outputLimit(runs.length, options) },
    priority: 'interactive',
    labels: { door: 'codebox' },
  };
}

/** Many commands share what one answer holds; few have what the profile gives each. */
function outputLimit(runs: number, { limits }: ResolvedCodeboxOptions): { readonly outputBytes?: number } {
  const share = Math.floor(answerOutputBytes / (2 * runs));
  return share < (limits.outputBytes ?? usualOutputBytes) ? { outputBytes: share } : {};
}

type RunningCommand = Extract<PlannedCommand, { readonly kind: 'runs' }>;

function makeCommand(
  { words, stdin, timeoutSeconds }: RunningCommand,
  programs: ResolvedCodeboxOptions['programs'],
): JobToSubmit['commands'][number] {
  const [named = '', ...rest] = words;
  const program = Object.hasOwn(programs, named) ? (programs[named] ?? named) : named;
  const wallTimeMs = Math.max(1, Math.round(timeoutSeconds * 1000));
  const command = { argv: [program, ...rest], stdin, stopOnFailure: false };
  if (!isCompiler(program)) return { ...command, limits: { wallTimeMs } };
  // Where a jail has the paths of its host, only this name leads to a directory for temporary files.
  return { ...command, env: { TMPDIR: '/tmp' }, limits: { ...codeboxCompilerLimits, wallTimeMs } };
}

/** No compiler of these days fits into what codebox gives a program. */
function isCompiler(program: string): boolean {
  return program.slice(program.lastIndexOf('/') + 1) === 'rustc';
}
