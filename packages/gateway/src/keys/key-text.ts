import { createHash, randomBytes } from 'node:crypto';

const secretBytes = 32;
/** Longer texts are no keys; nobody makes us hash them. */
const textMax = 128;

/** A new key: `bp_NAME_SECRET`. The text is shown once, and only its hash is kept. */
export function makeKeyText(name: string): string {
  return `bp_${name}_${randomBytes(secretBytes).toString('base64url')}`;
}

/** The name in a key's text, whether or not there is such a key; null for what is no key at all. */
export function readKeyName(text: string): string | null {
  if (text.length > textMax) return null;
  return /^bp_([a-z][a-z0-9-]{0,31})_[A-Za-z0-9_-]{43}$/.exec(text)?.[1] ?? null;
}

export function hashKey(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
