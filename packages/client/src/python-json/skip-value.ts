import { decodeError, PythonJsonError } from './python-json-error.ts';
import { type PythonJsonConstantName, pythonJsonBounds } from './python-json.ts';
import { skipNumber } from './skip-number.ts';
import { skipString } from './skip-string.ts';

/** Codes of the characters that values and their parts begin and end with. */
export const mark = {
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  openArray: 0x5b,
  closeArray: 0x5d,
  openObject: 0x7b,
  closeObject: 0x7d,
} as const;

/** A text on the way through, and how many more values it may have. */
export interface Passage {
  readonly text: string;
  valuesLeft: number;
}

/** Checks the value at `start`, which lies inside `depth` arrays and objects, without keeping anything of it; returns where it ends. */
export function skipValue(passage: Passage, start: number, depth: number): number {
  const { text } = passage;
  countValue(passage, start);
  switch (text.charCodeAt(start)) {
    case mark.quote:
      return skipString(text, start);
    case mark.openArray:
      return skipArray(passage, start, depth);
    case mark.openObject:
      return skipObject(passage, start, depth);
    default: {
      const name = constantAt(text, start);
      return name === null ? skipNumber(text, start) : start + name.length;
    }
  }
}

/** Throws for the first value above what the text may have. */
export function countValue(passage: Passage, start: number): void {
  passage.valuesLeft -= 1;
  if (passage.valuesLeft < 0) throw new PythonJsonError('There are too many values in the text: send fewer.', start);
}

/** Checks what is inside the array at `start`. */
export function skipArray(passage: Passage, start: number, depth: number): number {
  const { text } = passage;
  refuseDepth(depth, 'array', start);
  let index = skipSpace(text, start + 1);
  if (text.charCodeAt(index) === mark.closeArray) return index + 1;
  for (;;) {
    index = skipSpace(text, skipValue(passage, index, depth + 1));
    if (text.charCodeAt(index) === mark.closeArray) return index + 1;
    index = skipComma(text, index);
  }
}

/** Checks what is inside the object at `start`. */
export function skipObject(passage: Passage, start: number, depth: number): number {
  const { text } = passage;
  refuseDepth(depth, 'object', start);
  let index = skipSpace(text, start + 1);
  if (text.charCodeAt(index) === mark.closeObject) return index + 1;
  for (;;) {
    const value = skipColon(text, skipKey(text, index));
    index = skipSpace(text, skipValue(passage, value, depth + 1));
    if (text.charCodeAt(index) === mark.closeObject) return index + 1;
    index = skipComma(text, index);
  }
}

/** Behind the key of a member that begins at `index`. */
export function skipKey(text: string, index: number): number {
  if (text.charCodeAt(index) === mark.quote) return skipString(text, index);
  throw decodeError('Expecting property name enclosed in double quotes', text, index);
}

/** Where a member's value begins, from behind its key. */
export function skipColon(text: string, from: number): number {
  const index = skipSpace(text, from);
  if (text.charCodeAt(index) !== mark.colon) throw decodeError("Expecting ':' delimiter", text, index);
  return skipSpace(text, index + 1);
}

/** Where the next item or member begins, if there is a comma at `index`. */
export function skipComma(text: string, index: number): number {
  if (text.charCodeAt(index) !== mark.comma) throw decodeError("Expecting ',' delimiter", text, index);
  return skipSpace(text, index + 1);
}

export function skipSpace(text: string, from: number): number {
  let index = from;
  for (;;) {
    const code = text.charCodeAt(index);
    // Most characters are none of these; the end of the text is not a number, and so not above 0x20.
    if (code > 0x20 || (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09)) return index;
    index += 1;
  }
}

const constants = new Map<number, PythonJsonConstantName>(
  (['null', 'true', 'false', 'NaN', 'Infinity'] as const).map((name) => [name.charCodeAt(0), name]),
);
const MINUS = 0x2d;

/** The constant that stands at `start`, or null. */
export function constantAt(text: string, start: number): PythonJsonConstantName | null {
  const code = text.charCodeAt(start);
  if (code >= 0x30 && code <= 0x39) return null; // most of what is asked about is a number
  const name = code === MINUS ? '-Infinity' : constants.get(code);
  return name !== undefined && text.startsWith(name, start) ? name : null;
}

/** Throws for an array or object that lies inside as many as may be. */
export function refuseDepth(depth: number, what: 'array' | 'object', start: number): void {
  if (depth < pythonJsonBounds.depth) return;
  throw new PythonJsonError(
    `maximum recursion depth exceeded while decoding a JSON ${what} from a unicode string`,
    start,
  );
}
