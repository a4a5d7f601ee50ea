import type { Logger } from 'pino';
import type { Execute, Executed } from './execution.ts';
import { type SafetyCheck, safetyChecks } from './safety-checks.ts';
import { wakeablePause } from './wakeable-pause.ts';

export interface WatchSafetyOptions {
  readonly execute: Execute;
  readonly logger: Logger;
  /** Between two rounds of checks that passed, in milliseconds. */
  readonly everyMs: number;
  /** Between two rounds while they do not pass, and the least between any two. */
  readonly retryMs: number;
  /** How long a round may take before the fleet counts as one that does not answer. */
  readonly patienceMs: number;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

/** What is known of the fleet's jails. */
export interface Safety {
  /** Whether code may be run: the last round that got its answers passed. */
  readonly isSafe: boolean;
  /** Whether calls can be expected to succeed: it is safe, and the fleet answered the last round. */
  readonly isAvailable: boolean;
  /** Asks for a round soon, because the fleet failed a call. */
  doubt(): void;
}

/** Of a round that no answer came for, nothing is known of the jails: calls go on, since a busy fleet is not an unsafe one. */
type Verdict = 'passed' | 'failed' | 'no-answer';

interface Finding {
  readonly check: SafetyCheck['id'];
  readonly verdict: Verdict;
  /** What the code did instead, or why there is no answer. */
  readonly got?: string;
}

/** Runs the safety checks at once and again and again, as jobs of the fleet. */
export function watchSafety(options: WatchSafetyOptions): Safety {
  const { everyMs, retryMs, signal, logger } = options;
  let isSafe = false;
  let verdict: Verdict | 'unchecked' = 'unchecked';
  let endedMs = Number.NEGATIVE_INFINITY;
  const pause = wakeablePause(signal);
  let isDoubted = false;

  async function watch(): Promise<void> {
    while (!signal.aborted) {
      isDoubted = false;
      const findings = await Promise.all(safetyChecks.map((check) => runCheck(check, options)));
      const news = verdictOf(findings);
      if (news !== verdict && !signal.aborted) report(logger, news, findings);
      verdict = news;
      if (verdict !== 'no-answer') isSafe = verdict === 'passed';
      endedMs = performance.now();
      await pause.take(verdict === 'passed' ? everyMs : retryMs);
    }
  }

  void watch();
  return {
    get isSafe() {
      return isSafe;
    },
    get isAvailable() {
      return isSafe && verdict === 'passed';
    },
    doubt() {
      if (isDoubted) return;
      isDoubted = true;
      setTimeout(pause.end, Math.max(0, endedMs + retryMs - performance.now())).unref();
    },
  };
}

async function runCheck(check: SafetyCheck, { execute, patienceMs, signal }: WatchSafetyOptions): Promise<Finding> {
  const { id, code, globalsJson } = check;
  const codeJson = JSON.stringify(code);
  const execution = { codeJson, globalsJson, pythonPath: [], files: new Map(), context: null, slug: null };
  try {
    const executed = await execute(execution, { gone: signal, startedMs: performance.now(), budgetMs: patienceMs });
    if (check.hasPassed(executed)) return { check: id, verdict: 'passed' };
    return { check: id, verdict: ranOutOfTime(executed) ? 'no-answer' : 'failed', got: shown(executed) };
  } catch (error) {
    return { check: id, verdict: 'no-answer', got: String(error) };
  }
}

/** Time limits end a check on a machine that has too much to do: that says nothing of its jails. */
function ranOutOfTime(executed: Executed): boolean {
  return executed.kind === 'exception' && /status code: -(9|24)$/.test(executed.message);
}

function verdictOf(findings: readonly Finding[]): Verdict {
  const verdicts = findings.map(({ verdict }) => verdict);
  if (verdicts.includes('failed')) return 'failed';
  return verdicts.includes('no-answer') ? 'no-answer' : 'passed';
}

function report(logger: Logger, verdict: Verdict, all: readonly Finding[]): void {
  const findings = all.filter((finding) => finding.verdict !== 'passed');
  if (verdict === 'passed') logger.info({ verdict }, 'codejail safety checks');
  else logger.error({ verdict, findings }, 'codejail safety checks');
}

function shown(executed: Executed): string {
  return (executed.kind === 'globals' ? executed.globalsJson : executed.message).slice(0, 1000);
}
