import { createHash, createHmac } from 'node:crypto';

/** What an answer begins with, and the file that it stands in. */
export interface AnswerNonce {
  readonly nonce: string;
  readonly path: string;
}

const nonceLength = 64;

/**
 * The nonce of a job: equal for equal `parts` and secret, so that the result of one job can stand for that of an equal one, and unknown to whoever has
 * not got the secret. The file's name is the nonce's hash: who reads a result can tell from it alone whether the file begins with the right nonce.
 */
export function makeAnswerNonce(secret: Uint8Array, parts: readonly (string | Uint8Array)[]): AnswerNonce {
  const hmac = createHmac('sha256', secret);
  for (const part of parts) {
    hmac.update(`${part.length}:`);
    hmac.update(part);
  }
  const nonce = hmac.digest('hex');
  return { nonce, path: pathOf(nonce) };
}

/** The text that follows the nonce in an answer's file of that name, which is ASCII; null when the file does not begin with the nonce. */
export function withoutNonce(path: string, content: Uint8Array): string | null {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const nonce = bytes.toString('latin1', 0, nonceLength);
  return nonce.length === nonceLength && pathOf(nonce) === path ? bytes.toString('latin1', nonceLength) : null;
}

function pathOf(nonce: string): string {
  return `.answer-${createHash('sha256').update(nonce).digest('hex')}`;
}
