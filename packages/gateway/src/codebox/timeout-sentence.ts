import { renderPythonFloat } from './python-float.ts';

/** What codebox writes to the stderr of a command that ran out of time. */
export function timeoutSentence(timeoutSeconds: number): string {
  return `Timeout Error. Exceeded ${renderPythonFloat(timeoutSeconds)}s`;
}
