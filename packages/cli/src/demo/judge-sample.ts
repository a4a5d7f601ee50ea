import { decodeOutput, type Result } from '@bullpen/protocol';
import { decisiveReport } from '../job/decisive-report.ts';
import { showOutcome } from '../job/show-outcome.ts';
import type { Sample } from './sample.ts';

/** How one submission ended. */
export interface Judgement {
  readonly sample: Sample;
  readonly seen: string;
  readonly asExpected: boolean;
  /** For people, when it was not as expected. */
  readonly details: string | null;
}

const detailCharacters = 300;

/** Compares a result with what its sample must do. */
export function judgeSample(sample: Sample, result: Result): Judgement {
  const report = decisiveReport(result)?.report;
  if (report === undefined) return judgeFailure(sample, 'no command was run');
  const seen = showOutcome(report.outcome);
  const stdout = Buffer.from(decodeOutput(report.stdout)).toString('utf8');
  const printedRight = sample.stdout === undefined || sample.stdout === stdout;
  const endedRight = seen === sample.outcome || isRefusedMemory(sample, result, seen);
  const asExpected = endedRight && printedRight;
  const stderr = Buffer.from(decodeOutput(report.stderr)).toString('utf8');
  return {
    sample,
    seen: endedRight && !printedRight ? `${seen}, other output` : seen,
    asExpected,
    details: asExpected ? null : `stdout ${excerpt(stdout)}, stderr ${excerpt(stderr)}`,
  };
}

/**
 * Without a memory cgroup the kernel does not end a memory bomb but refuses it memory (`docs/limits.md`): the program fails by itself, or
 * spends its time in asking. That it succeeds is never right.
 */
function isRefusedMemory(sample: Sample, { receipt }: Result, seen: string): boolean {
  if (sample.outcome !== 'memory-exceeded' || receipt === null) return false;
  const cgroup = receipt.layers.find(({ name }) => name === 'cgroup');
  if (cgroup?.detail.split(' ').includes('memory') === true) return false;
  return /^exited [1-9]|^signaled |^(wall|cpu)-time-exceeded$/.test(seen);
}

/** A submission that Bullpen could not run. */
export function judgeFailure(sample: Sample, why: string): Judgement {
  return { sample, seen: 'fault', asExpected: false, details: why };
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > detailCharacters ? `${text.slice(0, detailCharacters)}...` : text);
}
