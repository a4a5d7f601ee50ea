import { PythonJsonError, decodeError } from './python-json-error.ts';
import { pythonJsonBounds } from './python-json.ts';

export interface ScannedNumber {
  readonly end: number;
  readonly isFloat: boolean;
}

/** Reads the number at `start`; what only looks like the beginning of a fraction or an exponent is left for the caller, as in CPython. */
export function scanNumber(text: string, start: number): ScannedNumber {
  const isNegative = text.charAt(start) === '-';
  const first = isNegative ? start + 1 : start;
  if (!isDigit(text, first)) throw decodeError('Expecting value', text, start);
  const integerEnd = text.charAt(first) === '0' ? first + 1 : skipDigits(text, first);
  const end = exponentEnd(text, fractionEnd(text, integerEnd));
  const isFloat = end > integerEnd;
  if (!isFloat) refuseManyDigits(integerEnd - first, start);
  return { end, isFloat };
}

function fractionEnd(text: string, start: number): number {
  return text.charAt(start) === '.' && isDigit(text, start + 1) ? skipDigits(text, start + 1) : start;
}

function exponentEnd(text: string, start: number): number {
  const letter = text.charAt(start);
  if (letter !== 'e' && letter !== 'E') return start;
  const sign = text.charAt(start + 1);
  const digits = sign === '+' || sign === '-' ? start + 2 : start + 1;
  return isDigit(text, digits) ? skipDigits(text, digits) : start;
}

function isDigit(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 0x30 && code <= 0x39;
}

function skipDigits(text: string, start: number): number {
  let index = start;
  while (isDigit(text, index)) index += 1;
  return index;
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
