/**
 * Every way in which Bullpen itself can fail a job or a call, and what follows from it.
 * A closed table: adding a code without deciding its facts does not compile.
 */
export const errorCodes = {
  'invalid-job': { retry: false, fault: false, summary: 'The job is malformed.' },
  'unknown-profile': { retry: false, fault: false, summary: 'No profile has this name.' },
  'profile-unavailable': { retry: true, fault: false, summary: "The worker lacks the profile's toolchain." },
  'confinement-refused': { retry: true, fault: false, summary: 'The jail lacks a layer that the job requires.' },
  'limit-above-ceiling': { retry: false, fault: false, summary: 'A limit asks for more than the profile allows.' },
  'id-taken': { retry: false, fault: false, summary: 'The id was used for another job.' },
  expired: { retry: false, fault: false, summary: 'The job waited past its expiresAt.' },
  'jail-failed': { retry: true, fault: true, summary: 'No jail could be made or kept.' },
  'slot-lost': { retry: true, fault: true, summary: 'The slot was lost while it ran the job.' },
  'worker-lost': { retry: true, fault: true, summary: 'Workers were lost while they ran the job.' },
  'budget-exceeded': { retry: true, fault: true, summary: 'The job outlived its whole budget: the slot is sick.' },
  'redis-unavailable': { retry: true, fault: true, summary: 'Redis did not answer.' },
  'client-closed': { retry: false, fault: false, summary: 'The client was closed by its own process.' },
  'result-missing': { retry: false, fault: true, summary: 'The result has expired or was never stored.' },
  internal: { retry: true, fault: true, summary: 'A part of Bullpen failed unexpectedly.' },
} as const satisfies Record<string, { retry: boolean; fault: boolean; summary: string }>;

export type ErrorCode = keyof typeof errorCodes;

/** The one error class of Bullpen: a code of the closed table and a sentence that names the value, the bound and the remedy. */
export class BullpenError extends Error {
  override readonly name = 'BullpenError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** `code: message`, as it travels through the queue's failedReason; read back by `parseFailedReason`. */
  toFailedReason(): string {
    return `${this.code}: ${this.message}`;
  }
}

/** Reads a queue's failedReason back into an error; a text of unknown shape becomes `internal`. */
export function parseFailedReason(reason: string): BullpenError {
  const colon = reason.indexOf(': ');
  const code = reason.slice(0, colon);
  if (colon > 0 && isErrorCode(code)) return new BullpenError(code, reason.slice(colon + 2));
  return new BullpenError('internal', reason);
}

function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorCodes, text);
}
