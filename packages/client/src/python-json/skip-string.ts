import { decodeError } from './python-json-error.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SMALL_U = 0x75;

/** The letters that may follow a backslash besides `u`: quote, backslash, slash, b, f, n, r, t. */
const escapeLetters: ReadonlySet<number> = new Set(Array.from('"\\/bfnrt', (letter) => letter.charCodeAt(0)));

/** After so many plain characters in a row more are likely, and a search costs less than a look at each. */
const closeLook = 64;
/** Quote, backslash and control characters: all but those that are plain. */
const special = /[^ !#-[\]-\uffff]/g;

/** Where the string whose opening quote is at `start` ends: behind its closing quote. */
export function skipString(text: string, start: number): number {
  let index = start + 1;
  let searchFrom = index + closeLook;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) return index + 1;
    if (code < 0x20) throw decodeError('Invalid control character at', text, index);
    if (code === BACKSLASH) {
      index = skipEscape(text, index, start);
      searchFrom = index + closeLook;
    } else index = index < searchFrom ? index + 1 : findSpecial(text, index);
  }
  throw decodeError('Unterminated string starting at', text, start);
}

/** Where the next character is that is not plain; the end of the text when there is none. */
function findSpecial(text: string, from: number): number {
  special.lastIndex = from;
  return special.test(text) ? special.lastIndex - 1 : text.length;
}

/**
 * What the string from `start` to `end`, which `skipString` has checked, stands for. Surrogates that are escaped one by one become a pair, alone they
 * stay as they are. A string that CPython accepts means the same to JavaScript; it is only texts as a whole that differ.
 */
export function stringValue(text: string, start: number, end: number): string {
  const inside = text.slice(start + 1, end - 1);
  return inside.includes('\\') ? (JSON.parse(`"${inside}"`) as string) : inside;
}

/** Where the escape whose backslash is at `backslash` ends. */
function skipEscape(text: string, backslash: number, start: number): number {
  const letter = backslash + 1;
  if (letter >= text.length) throw decodeError('Unterminated string starting at', text, start);
  const code = text.charCodeAt(letter);
  if (code !== SMALL_U) {
    if (!escapeLetters.has(code)) throw decodeError('Invalid \\escape', text, backslash);
    return letter + 1;
  }
  const end = letter + 5;
  // CPython wants one more character after the digits, whatever it is.
  if (end >= text.length || !areHexDigits(text, letter + 1, end)) {
    throw decodeError('Invalid \\uXXXX escape', text, letter);
  }
  return end;
}

function areHexDigits(text: string, start: number, end: number): boolean {
  for (let index = start; index < end; index += 1) {
    const code = text.charCodeAt(index);
    const isDigit = code >= 0x30 && code <= 0x39;
    const letter = code | 0x20;
    if (!isDigit && (letter < 0x61 || letter > 0x66)) return false;
  }
  return true;
}
