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

/** The outcome that a result counts as where it can count once only: that of the last command that was run. */
export function lastOutcome({ state, commands }: Pick<Result, 'state' | 'commands'>): OutcomeKind {
  if (state === 'cancelled') return 'cancelled';
  return commands.findLast(({ outcome }) => outcome.kind !== 'skipped')?.outcome.kind ?? 'skipped';
}
