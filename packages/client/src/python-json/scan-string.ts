import { decodeError } from './python-json-error.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SMALL_U = 0x75;

/** What stands for each letter after a backslash. */
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

export interface ScannedString {
  /** Behind the closing quote. */
  readonly end: number;
  readonly value: string;
}

/** Reads the string whose opening quote is at `start`. Surrogates that are escaped one by one become a pair, alone they stay as they are. */
export function scanString(text: string, start: number): ScannedString {
  let value = '';
  let from = start + 1;
  for (;;) {
    const stop = findStop(text, from, start);
    value += text.slice(from, stop);
    if (text.charCodeAt(stop) === QUOTE) return { end: stop + 1, value };
    from = escapeEnd(text, stop, start);
    value += unescape(text, stop, from);
  }
}

/** The same without making the value; returns where the string ends. */
export function skipString(text: string, start: number): number {
  let from = start + 1;
  for (;;) {
    const stop = findStop(text, from, start);
    if (text.charCodeAt(stop) === QUOTE) return stop + 1;
    from = escapeEnd(text, stop, start);
  }
}

/** The next quote or backslash. */
function findStop(text: string, from: number, start: number): number {
  for (let index = from; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE || code === BACKSLASH) return index;
    if (code < 0x20) throw decodeError('Invalid control character at', text, index);
  }
  throw decodeError('Unterminated string starting at', text, start);
}

/** Where the escape whose backslash is at `backslash` ends. */
function escapeEnd(text: string, backslash: number, start: number): number {
  const letter = backslash + 1;
  if (letter >= text.length) throw decodeError('Unterminated string starting at', text, start);
  if (text.charCodeAt(letter) !== SMALL_U) {
    if (!Object.hasOwn(escapes, text.charAt(letter))) throw decodeError('Invalid \\escape', text, backslash);
    return letter + 1;
  }
  const end = letter + 5;
  // CPython wants one more character after the digits, whatever it is.
  if (end >= text.length || !/^[0-9a-fA-F]{4}$/.test(text.slice(letter + 1, end))) {
    throw decodeError('Invalid \\uXXXX escape', text, letter);
  }
  return end;
}

function unescape(text: string, backslash: number, end: number): string {
  if (end - backslash === 2) return escapes[text.charAt(backslash + 1)] ?? '';
  return String.fromCharCode(Number.parseInt(text.slice(backslash + 2, end), 16));
}
