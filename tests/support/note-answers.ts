import { TestRunner } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** What the probes of this test answered, in their order. */
    answers?: string[];
  }
}

/** Keeps what probes answered with the running test, so that a JSON report tells how each rung stops an attack. */
export function noteAnswers(answers: readonly string[]): void {
  const test = TestRunner.getCurrentTest();
  if (test !== undefined) test.meta.answers = [...(test.meta.answers ?? []), ...answers];
}
