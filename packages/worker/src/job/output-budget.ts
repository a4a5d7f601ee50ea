/** How many bytes of output a job's result may still keep. Shared by all its streams and files, in the order in which they come. */
export interface OutputBudget {
  readonly left: number;
  /** The first bytes of `bytes` that the budget still covers, and counts them. */
  keep(bytes: Uint8Array): Uint8Array;
}

export function createOutputBudget(budgetBytes: number): OutputBudget {
  let left = budgetBytes;
  return {
    get left() {
      return left;
    },
    keep(bytes) {
      const kept = bytes.subarray(0, left);
      left -= kept.byteLength;
      return kept;
    },
  };
}

/** The rooms of a command's two streams, in bytes. */
export interface StreamRooms {
  readonly stdout: number;
  readonly stderr: number;
}

/**
 * What will surely be kept of each stream of a command, whatever the other one writes: half of what is left, or more where neither can write
 * that much.
 */
export function certainRooms(left: number, outputBytesLimit: number): StreamRooms {
  const half = Math.floor(left / 2);
  return { stdout: left - Math.min(outputBytesLimit, half), stderr: Math.max(left - outputBytesLimit, half) };
}

/** Shares what is left between streams that have written so much: neither is cut below half of it for the other's sake. */
export function shareRoom(left: number, written: StreamRooms): StreamRooms {
  const stdout = Math.min(written.stdout, left - Math.min(written.stderr, Math.floor(left / 2)));
  return { stdout, stderr: Math.min(written.stderr, left - stdout) };
}
