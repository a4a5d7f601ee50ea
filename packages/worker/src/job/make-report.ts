import type { CapturedStream, JailReport } from '@bullpen/jailer';
import { classifyOutcome, type CommandReport, encodeBytes, type Output, type ResolvedCommand } from '@bullpen/protocol';
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

function makeOutput(stream: CapturedStream, budget: OutputBudget): Output {
  const kept = budget.keep(stream.bytes);
  const bytesKept = kept.byteLength;
  return { ...encodeBytes(kept), bytesKept, bytesSeen: stream.bytesSeen, truncated: bytesKept < stream.bytesSeen };
}
