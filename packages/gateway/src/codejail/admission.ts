import type { Backlog } from '@bullpen/client';

export interface AdmissionOptions {
  /** Asks the queue. */
  readonly readBacklog: () => Promise<Backlog>;
  /** How long an answer of the queue holds, in milliseconds. */
  readonly holdsMs: number;
  /** The time, in milliseconds. */
  readonly now: () => number;
}

/** Knows when new calls cannot be answered in time, so that they are told at once and cost the queue nothing. */
export interface Admission {
  /** False for a moment after the queue was found too long. */
  readonly isOpen: boolean;
  /** Whether a job that is submitted now will be taken within `budgetMs`, as far as the runs so far tell. Rejects when the queue cannot be asked. */
  admits(budgetMs: number): Promise<boolean>;
  /** Tells how long a run of a worker took. */
  ran(milliseconds: number): void;
}

/** What a run is taken to last before one has been seen, and how much a new one counts. */
const firstGuessMs = 100;
const weight = 0.1;

export function openAdmission({ readBacklog, holdsMs, now }: AdmissionOptions): Admission {
  let meanMs = firstGuessMs;
  let backlog: Backlog = { waiting: 0, ahead: 0, running: 0 };
  let holdsUntil = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | null = null;
  let closedUntil = Number.NEGATIVE_INFINITY;

  async function ask(): Promise<void> {
    try {
      backlog = await readBacklog();
      holdsUntil = now() + holdsMs;
    } finally {
      asking = null;
    }
  }

  return {
    get isOpen() {
      return now() >= closedUntil;
    },
    async admits(budgetMs) {
      if (now() >= holdsUntil) await (asking ??= ask());
      const waitMs = (backlog.ahead * meanMs) / Math.max(1, backlog.running);
      if (waitMs <= budgetMs) return true;
      closedUntil = now() + holdsMs;
      return false;
    },
    ran: (milliseconds) => {
      meanMs += weight * (milliseconds - meanMs);
    },
  };
}
