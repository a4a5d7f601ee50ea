import { parsePythonJson, PythonJsonError, type PythonJson } from '@bullpen/client';
import { bytesOutsideStrings } from './bytes-outside-strings.ts';
import { makeJsonIssue, type ValidationIssue } from './validation-issue.ts';

/** A body as text and as what the text holds, or why it holds nothing. */
export type ParsedBody =
  | { readonly kind: 'json'; readonly text: string; readonly value: PythonJson }
  /** No body at all, which is not the same as an empty object. */
  | { readonly kind: 'absent' }
  /** Some text that its sender does not call JSON. */
  | { readonly kind: 'other'; readonly text: string }
  | { readonly kind: 'issues'; readonly issues: readonly ValidationIssue[] }
  /** A body that Python's parser fails on, as FastAPI says it, or that holds more values than any request needs. */
  | { readonly kind: 'unreadable'; readonly sentence: string };

/** A request with all files and commands that a job may have needs a quarter of it, and reading what is not in strings is slow. */
const outsideStrings = 262_144;

/** Deep enough for the fields of a command, and wide enough for all files and commands that a job may have. */
const bounds = { nodesToDepth: 3, maximumNodes: 50_000 } as const;
const unreadable = 'There was an error parsing the body';

/** Reads the bytes of a body as FastAPI does: JSON in Python's dialect, if the media type says JSON. */
export function parseBody(bytes: Uint8Array, mediaType: string | undefined): ParsedBody {
  if (bytes.byteLength === 0) return { kind: 'absent' };
  const text = decode(bytes);
  if (text === null) return { kind: 'unreadable', sentence: `${unreadable}: it is no UTF-8.` };
  if (!isJsonType(mediaType)) return { kind: 'other', text };
  if (bytesOutsideStrings(bytes) > outsideStrings) {
    const sentence = `${unreadable}: it must have at most ${outsideStrings} bytes outside its strings.`;
    return { kind: 'unreadable', sentence };
  }
  try {
    return { kind: 'json', text, value: parsePythonJson(text, bounds) };
  } catch (error) {
    if (error instanceof PythonJsonError) return explain(error);
    throw error;
  }
}

/** A byte order mark is dropped, as Python drops it from bytes. */
function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** `application/json`, or a type of JSON's family. */
function isJsonType(mediaType: string | undefined): boolean {
  return /^\s*application\/(?:json|[^;\s]+\+json)\s*(?:;|$)/i.test(mediaType ?? '');
}

function explain({ message }: PythonJsonError): ParsedBody {
  const [, problem, position] = /^(.*): line \d+ column \d+ \(char (\d+)\)$/.exec(message) ?? [];
  if (problem === undefined) return { kind: 'unreadable', sentence: `${unreadable}: ${message}` };
  return { kind: 'issues', issues: [makeJsonIssue(problem, Number(position))] };
}
