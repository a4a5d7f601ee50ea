import type { CapturedStream, JailReport } from '@bullpen/jailer';
import { classifyOutcome, type CommandReport, encodeBytes, type Output, type ResolvedCommand } from '@bullpen/protocol';
import { type OutputBudget, shareRoom } from './output-budget.ts';

/** What is published about a command, made of what the jailer measured. */
export function makeReport(report: JailReport, limits: ResolvedCommand['limits'], budget: OutputBudget): CommandReport {
  const userTimeMs = report.userTimeUs / 1000;
  const systemTimeMs = report.systemTimeUs / 1000;
  const { stdout, stderr } = report;
  const room = shareRoom(budget.left, { stdout: stdout.bytes.byteLength, stderr: stderr.bytes.byteLength });
  const outcome = classifyOutcome({
    endedBy: report.endedBy,
    exitCode: report.exitCode,
    signal: report.signal,
    startErrno: report.startErrno,
    oomKills: report.oomKills,
    cpuTimeMs: userTimeMs + systemTimeMs,
    cpuLimitMs: limits.cpuTimeMs,
    outputBytesSeen: Math.max(stdout.bytesSeen, stderr.bytesSeen),
    outputLimitBytes: limits.outputBytes,
  });
  return {
    outcome,
    stdout: makeOutput(stdout, budget.keep(stdout.bytes.subarray(0, room.stdout))),
    stderr: makeOutput(stderr, budget.keep(stderr.bytes.subarray(0, room.stderr))),
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

function makeOutput(stream: CapturedStream, kept: Uint8Array): Output {
  const bytesKept = kept.byteLength;
  return { ...encodeBytes(kept), bytesKept, bytesSeen: stream.bytesSeen, truncated: bytesKept < stream.bytesSeen };
}
