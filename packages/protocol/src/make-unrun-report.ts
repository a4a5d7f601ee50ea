import type { Outcome } from './outcome.ts';
import type { CommandReport, Output } from './result.ts';

/** The report of a command that was never run: `skipped` after a failure, `cancelled` with its job. All measures are 0. */
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
