/**
 * Where a worker is in its life.
 *
 * - `starting`: preparing the host, starting the jailer, dropping privileges, proving the slots.
 * - `ready`: taking jobs.
 * - `draining`: takes no more jobs; those that run may end.
 * - `stopped`: everything is closed.
 * - `failed`: something that cannot be repaired here (the jailer ended, a proof failed); the process wants to be replaced.
 */
export type WorkerState = 'starting' | 'ready' | 'draining' | 'stopped' | 'failed';

const legalMoves: Record<WorkerState, readonly WorkerState[]> = {
  starting: ['ready', 'failed', 'stopped'],
  ready: ['draining', 'failed'],
  draining: ['stopped', 'failed'],
  failed: ['stopped'],
  stopped: [],
};

export interface StateHolder {
  readonly state: WorkerState;
  /** Throws on an illegal move. */
  move(next: WorkerState): void;
}

/** The state and its only setter; `onMove` logs each change. */
export function createStateHolder(onMove: (from: WorkerState, to: WorkerState) => void): StateHolder {
  let state: WorkerState = 'starting';
  return {
    get state() {
      return state;
    },
    move(next) {
      if (!legalMoves[state].includes(next)) throw new Error(`A worker cannot go from ${state} to ${next}.`);
      const from = state;
      state = next;
      onMove(from, next);
    },
  };
}
