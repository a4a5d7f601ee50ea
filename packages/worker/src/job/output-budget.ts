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
