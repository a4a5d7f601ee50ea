import type { OutcomeKind, Result } from '@bullpen/protocol';

/** What the queue itself keeps of a result, as the job's return value and in its event: well below 2 KB whatever the job did. */
export interface ResultSummary {
  readonly state: Result['state'];
  /** How many commands ended in each way. */
  readonly outcomes: Partial<Record<OutcomeKind, number>>;
}

export function summarize(result: Pick<Result, 'state' | 'commands'>): ResultSummary {
  const outcomes: Partial<Record<OutcomeKind, number>> = {};
  for (const { outcome } of result.commands) outcomes[outcome.kind] = (outcomes[outcome.kind] ?? 0) + 1;
  return { state: result.state, outcomes };
}
