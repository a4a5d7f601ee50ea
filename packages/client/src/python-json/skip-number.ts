import { PythonJsonError, decodeError } from './python-json-error.ts';
import { pythonJsonBounds } from './python-json.ts';

const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;
const SMALL_E = 0x65;

/** Where the number at `start` ends; what only looks like the beginning of a fraction or an exponent is left for the caller, as in CPython. */
export function skipNumber(text: string, start: number): number {
  const first = text.charCodeAt(start) === MINUS ? start + 1 : start;
  if (!isDigit(text, first)) throw decodeError('Expecting value', text, start);
  const integerEnd = text.charCodeAt(first) === ZERO ? first + 1 : skipDigits(text, first);
  // Most numbers end here: what comes next is a comma, a bracket or the end of the text.
  const next = text.charCodeAt(integerEnd);
  const isFloat = next === DOT || (next | 0x20) === SMALL_E;
  const end = isFloat ? skipExponent(text, skipFraction(text, integerEnd)) : integerEnd;
  if (end === integerEnd) refuseManyDigits(integerEnd - first, start);
  return end;
}

/** Whether Python reads a float from a number that `skipNumber` has checked. */
export function isFloatText(digits: string): boolean {
  return /[.eE]/.test(digits);
}

function skipFraction(text: string, start: number): number {
  return text.charCodeAt(start) === DOT && isDigit(text, start + 1) ? skipDigits(text, start + 1) : start;
}

function skipExponent(text: string, start: number): number {
  if ((text.charCodeAt(start) | 0x20) !== SMALL_E) return start;
  const sign = text.charCodeAt(start + 1);
  const digits = sign === PLUS || sign === MINUS ? start + 2 : start + 1;
  return isDigit(text, digits) ? skipDigits(text, digits) : start;
}

function isDigit(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 0x30 && code <= 0x39;
}

function skipDigits(text: string, start: number): number {
  let index = start;
  for (;;) {
    const code = text.charCodeAt(index);
    if (!(code >= 0x30 && code <= 0x39)) return index;
    index += 1;
  }
}

function refuseManyDigits(digits: number, start: number): void {
  const bound = pythonJsonBounds.intDigits;
  if (digits <= bound) return;
  throw new PythonJsonError(
    `Exceeds the limit (${bound} digits) for integer string conversion: value has ${digits} digits; ` +
      'use sys.set_int_max_str_digits() to increase the limit',
    start,
  );
}
