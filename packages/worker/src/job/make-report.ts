import type { CapturedStream, JailReport } from '@bullpen/jailer';
import {
  classifyOutcome,
  type CommandReport,
  encodeBytes,
  type Outcome,
  type Output,
  type ResolvedCommand,
} from '@bullpen/protocol';
import type { OutputBudget } from './output-budget.ts';

/** What is published about a command, made of what the jailer measured. */
export function makeReport(report: JailReport, limits: ResolvedCommand['limits'], budget: OutputBudget): CommandReport {
  const userTimeMs = report.userTimeUs / 1000;
  const systemTimeMs = report.systemTimeUs / 1000;
  const outcome = classifyOutcome({
    endedBy: report.endedBy,
    exitCode: report.exitCode,
    signal: report.signal,
    startErrno: report.startErrno,
    oomKills: report.oomKills,
    cpuTimeMs: userTimeMs + systemTimeMs,
    cpuLimitMs: limits.cpuTimeMs,
    outputBytesSeen: Math.max(report.stdout.bytesSeen, report.stderr.bytesSeen),
    outputLimitBytes: limits.outputBytes,
  });
  return {
    outcome,
    stdout: makeOutput(report.stdout, budget),
    stderr: makeOutput(report.stderr, budget),
    usage: {
      wallTimeMs: report.wallTimeUs / 1000,
      cpuTimeMs: userTimeMs + systemTimeMs,
      userTimeMs,
      systemTimeMs,
      peakMemoryBytes: report.peakMemoryBytes,
      diskBytes: report.diskBytes,
      diskFiles: report.diskFiles,
    },
    pressure: { processesRefused: report.processesRefused, diskFull: report.diskFull, oomKills: report.oomKills },
  };
}

/** The report of a command that was never run: `skipped` after a failure, `cancelled` with its job. */
export function makeUnrunReport(kind: Extract<Outcome['kind'], 'skipped' | 'cancelled'>): CommandReport {
  const nothing: Output = { encoding: 'utf8', data: '', bytesKept: 0, bytesSeen: 0, truncated: false };
  return {
    outcome: { kind },
    stdout: nothing,
    stderr: nothing,
    usage: {
      wallTimeMs: 0,
      cpuTimeMs: 0,
      userTimeMs: 0,
      systemTimeMs: 0,
      peakMemoryBytes: 0,
      diskBytes: 0,
      diskFiles: 0,
    },
    pressure: { processesRefused: 0, diskFull: false, oomKills: 0 },
  };
}

function makeOutput(stream: CapturedStream, budget: OutputBudget): Output {
  const kept = budget.keep(stream.bytes);
  const bytesKept = kept.byteLength;
  return { ...encodeBytes(kept), bytesKept, bytesSeen: stream.bytesSeen, truncated: bytesKept < stream.bytesSeen };
}
