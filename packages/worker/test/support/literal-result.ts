import { type CommandReport, makeUnrunReport, type Outcome, type Receipt, type Result } from '@bullpen/protocol';

export const literalReceipt: Receipt = {
  layers: [
    { name: 'identity', detail: 'uid 5000' },
    { name: 'seccomp', detail: '' },
  ],
  profile: { name: 'bash', version: 1, digest: 'd'.repeat(64) },
  toolchain: 'GNU bash, version 5.2',
  jailer: '1.2',
  kernel: '6.1',
  worker: 'w1',
  slot: 0,
  uid: 5000,
  provenAt: 50,
};

export function makeLiteralReport(outcome: Outcome, changes: Partial<CommandReport> = {}): CommandReport {
  return { ...makeUnrunReport('skipped'), outcome, ...changes };
}

/** A finished job that exited with 0, unless said. */
export function makeLiteralResult(changes: Partial<Result> = {}): Result {
  return {
    jobId: 'ran',
    profile: 'bash',
    state: 'finished',
    commands: [makeLiteralReport({ kind: 'exited', exitCode: 0 })],
    files: [],
    labels: {},
    receipt: literalReceipt,
    attempt: 1,
    submittedAt: 100,
    startedAt: 150,
    finishedAt: 200,
    ...changes,
  };
}
