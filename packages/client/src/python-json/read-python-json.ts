import { parsePythonJson } from './parse-python-json.ts';
import type { PythonJson, PythonJsonConstantName, PythonJsonNumber, PythonJsonObject } from './python-json.ts';

/**
 * A value of Python's JSON dialect in JavaScript. Ints beyond 2^53 - 1 are bigints; other ints and all floats are numbers, so 1 and 1.0 are the same.
 * Strings may hold lone surrogates.
 */
export type PythonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly PythonValue[]
  | { readonly [key: string]: PythonValue };

/** Reads a JSON text of Python's dialect into JavaScript values. Throws PythonJsonError, see `parsePythonJson`. */
export function readPythonJson(text: string): PythonValue {
  return toValue(text, parsePythonJson(text));
}

function toValue(text: string, node: PythonJson): PythonValue {
  switch (node.kind) {
    case 'object':
      return toObject(text, node);
    case 'array':
      return node.items.map((item) => toValue(text, item));
    case 'string':
      return node.value;
    case 'number':
      return toNumber(text, node);
    case 'constant':
      return constantValues[node.name];
    default:
      return node satisfies never;
  }
}

function toObject(text: string, node: PythonJsonObject): { readonly [key: string]: PythonValue } {
  const object: { [key: string]: PythonValue } = {};
  for (const { key, value } of node.members) {
    // An assignment to `__proto__` would change what the object inherits.
    if (key === '__proto__') {
      const descriptor = { value: toValue(text, value), writable: true, enumerable: true, configurable: true };
      Object.defineProperty(object, key, descriptor);
    } else object[key] = toValue(text, value);
  }
  return object;
}

function toNumber(text: string, { start, end, isFloat }: PythonJsonNumber): number | bigint {
  const digits = text.slice(start, end);
  const value = Number(digits);
  if (isFloat) return value;
  // An int has no negative zero.
  return Number.isSafeInteger(value) ? value + 0 : BigInt(digits);
}

const constantValues: Readonly<Record<PythonJsonConstantName, null | boolean | number>> = {
  null: null,
  true: true,
  false: false,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};
