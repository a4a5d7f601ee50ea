export interface UsableWatch {
  /** Says how many slots can be used from now on. */
  update(usable: number): void;
  close(): void;
}

/**
 * Calls `onNone` when no slot at all could be used for `graceMs`: such a worker only keeps jobs from those that could run them.
 */
export function watchUsable(graceMs: number, onNone: () => void): UsableWatch {
  let timer: NodeJS.Timeout | null = null;
  const close = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  };
  return {
    update(usable) {
      if (usable > 0) close();
      else timer ??= setTimeout(onNone, graceMs);
    },
    close,
  };
}
