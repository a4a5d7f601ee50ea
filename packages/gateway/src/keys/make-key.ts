import { type ApiKey, apiKeySchema } from './api-key.ts';
import { hashKey, makeKeyText } from './key-text.ts';

/** What is decided about a new key. */
export type KeyWish = Pick<ApiKey, 'name' | 'scopes'> & Partial<Pick<ApiKey, 'ceilings' | 'rate' | 'expiresAt'>>;

/** Makes a key: its text, to be shown once, and what is kept of it. Throws a ZodError when the wish is out of bounds. */
export function makeKey(wish: KeyWish): { readonly text: string; readonly key: ApiKey } {
  const text = makeKeyText(wish.name);
  const sha256 = hashKey(text).toString('hex');
  return { text, key: apiKeySchema.parse({ ...wish, sha256, createdAt: new Date().toISOString() }) };
}
