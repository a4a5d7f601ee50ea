import { getSystemErrorMap } from 'node:util';

/** Where the jailer (or the way to it) failed, and why. */
export interface JailerFailure {
  /**
   * A step of docs/jailer.md, or `start` (the jailer did not come up), `uid-lock` (nor did it, since another jailer holds a slot's UID), `keeper` (a slot's keeper was lost, or given up),
   * `stop` (the jailer did not end).
   */
  readonly step: string;
  /** errno of the call that failed; 0 when none did. */
  readonly errno: number;
  /** One clause for people. */
  readonly detail: string;
}

/** The one error of this package: Bullpen's own failure, never a program's. */
export class JailerError extends Error implements JailerFailure {
  override readonly name = 'JailerError';
  readonly step: string;
  readonly errno: number;
  readonly detail: string;

  constructor(failure: JailerFailure, options?: ErrorOptions) {
    super(renderFailure(failure), options);
    this.step = failure.step;
    this.errno = failure.errno;
    this.detail = failure.detail;
  }
}

function renderFailure({ step, errno, detail }: JailerFailure): string {
  const [code, text] = getSystemErrorMap().get(-errno) ?? [`errno ${errno}`, 'unknown error'];
  const reason = errno === 0 ? detail : detail === '' ? `${code}, ${text}` : `${detail}: ${code}, ${text}`;
  return `The jailer failed at step ${step}: ${reason}.`.replace('..', '.');
}
