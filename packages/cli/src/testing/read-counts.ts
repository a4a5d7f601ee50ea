/** How many tests of a part passed and failed. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
}

/** Reads `NAME: N passed, N failed` as our parts print it; null for every other line. */
export function readCounts(line: string): TestCounts | null {
  const [, passed, failed] = /^[\w-]+: (\d+) passed, (\d+) failed\b/.exec(line) ?? [];
  return passed === undefined ? null : { passed: Number(passed), failed: Number(failed) };
}

/**
 * The counts of a part from its counting lines and its exit code. A part that counts nothing is one test of its own, and one that fails
 * without having counted a failure (a crash) has one more.
 */
export function countPart(lines: readonly TestCounts[], exitCode: number | null): TestCounts {
  const passed = lines.reduce((sum, line) => sum + line.passed, 0);
  const failed = lines.reduce((sum, line) => sum + line.failed, 0);
  if (exitCode === 0) return lines.length === 0 ? { passed: 1, failed: 0 } : { passed, failed };
  return { passed, failed: Math.max(failed, 1) };
}
