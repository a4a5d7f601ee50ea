import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Catalog, createCatalog, parseProfiles } from '@bullpen/profiles';
import { messageOf } from '../message-of.ts';
import { UsageError } from '../usage-error.ts';
import { readingError } from './read-bytes.ts';

/**
 * The built-in profiles and those of an operator's file: JSON, or a TypeScript or JavaScript module whose default export they are.
 * Throws a UsageError when the file cannot be read or a profile is malformed.
 */
export async function loadCatalog(profilesFile: string | undefined): Promise<Catalog> {
  if (profilesFile === undefined) return createCatalog();
  const value = await readProfilesFile(profilesFile);
  try {
    return createCatalog(parseProfiles(value, profilesFile));
  } catch (cause) {
    throw new UsageError(`${messageOf(cause)}.`, { cause });
  }
}

/** Whether a file of profiles is a module to be run, rather than JSON. */
export function isModule(path: string): boolean {
  return /\.[cm]?[jt]s$/.test(path);
}

/** What the file holds, not parsed yet. Throws a UsageError when it cannot be read. */
export async function readProfilesFile(path: string): Promise<unknown> {
  try {
    if (!isModule(path)) return JSON.parse(readFileSync(path, 'utf8')) as unknown;
    const module = (await import(pathToFileURL(resolve(path)).href)) as { readonly default?: unknown };
    return module.default;
  } catch (cause) {
    throw new UsageError(`--profiles ${path} ${explain(cause)}.`, { cause });
  }
}

function explain(cause: unknown): string {
  if (cause instanceof SyntaxError) return `is not valid JSON: ${cause.message}`;
  return `cannot be read: ${cause instanceof Error ? readingError(cause) : String(cause)}`;
}
