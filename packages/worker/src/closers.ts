/** Undoes acquisitions in reverse order. Every close function runs, whatever the others do; the first error is thrown at the end. */
export interface Closers {
  /** Registers the undo of something just acquired. Throws when closing has begun. */
  push(close: () => unknown): void;
  /** Closing twice is fine: later callers get the first promise. */
  close(): Promise<void>;
}

export function createClosers(): Closers {
  const stack: (() => unknown)[] = [];
  let closing: Promise<void> | null = null;

  async function closeAll(): Promise<void> {
    const errors: unknown[] = [];
    for (let close = stack.pop(); close !== undefined; close = stack.pop()) {
      try {
        await close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  return {
    push(close) {
      if (closing !== null) throw new Error('Something was acquired after closing had begun.');
      stack.push(close);
    },
    close: () => (closing ??= closeAll()),
  };
}
