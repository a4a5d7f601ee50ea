import { KeptOutput, type OutputWatcher } from './kept-output.ts';
import type { OutputPublisher } from './publish-output.ts';

/** What a run needs of those who know about all runs. */
export interface RunKeeper {
  publisherOf(run: FollowableRun): OutputPublisher;
  forget(run: FollowableRun): void;
}

/** One run whose output may be followed. Most are not, and cost next to nothing. */
export class FollowableRun {
  readonly jobId: string;
  /** Counts from 1. */
  readonly attempt: number;
  readonly kept = new KeptOutput();
  readonly #keeper: RunKeeper;
  #publisher: OutputPublisher | null = null;
  #isOver = false;

  constructor(keeper: RunKeeper, jobId: string, attempt: number) {
    this.#keeper = keeper;
    this.jobId = jobId;
    this.attempt = attempt;
  }

  /** To be told what the run writes. */
  get output(): OutputWatcher {
    return this.kept;
  }

  get isFollowed(): boolean {
    return this.#publisher?.isFollowed ?? false;
  }

  /** Somebody follows: he has announced it, or the job's mark was there. */
  follow(): void {
    if (this.#isOver) return;
    if (this.#publisher === null) {
      const publisher = this.#keeper.publisherOf(this);
      this.kept.onGrowth = () => publisher.wake();
      this.#publisher = publisher;
    }
    this.#publisher.follow();
  }

  /** The run is over. Must be called; what is told afterwards goes nowhere. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#publisher?.end();
    this.#keeper.forget(this);
  }
}
