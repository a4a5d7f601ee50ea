/** Jobs whose end cannot be missed: they were submitted under ids that were never used, while this client listened for endings. */
export interface ExpectedJobs {
  /** To be called before the jobs are submitted. */
  add(ids: readonly string[]): void;
  has(id: string): boolean;
  /** From now on it must be asked how the job ended. */
  drop(id: string): void;
}

/** Far more than one process waits for; jobs that nobody waits for are forgotten in time, and cost a question when somebody does. */
const keptMax = 10_000;

export function createExpectedJobs(): ExpectedJobs {
  const ids = new Set<string>();
  return {
    add(more) {
      for (const id of more) ids.add(id);
      for (const oldest of ids) {
        if (ids.size <= keptMax) return;
        ids.delete(oldest);
      }
    },
    has: (id) => ids.has(id),
    drop: (id) => void ids.delete(id),
  };
}
