import type { StreamName } from '@bullpen/protocol';

/** What a follower of a job's output gets. */
export type OutputItem =
  | {
      readonly kind: 'output';
      /** Index of the command in the job. */
      readonly command: number;
      readonly stream: StreamName;
      /** 1 to 65,536 bytes that follow those of the stream's items before. */
      readonly bytes: Uint8Array;
    }
  /**
   * The run whose output was yielded so far was interrupted by a fault, and its output is void: what comes now is that of another attempt,
   * from its beginning.
   */
  | { readonly kind: 'restarted'; readonly attempt: number };
