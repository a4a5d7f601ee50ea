import type { PythonJson, PythonJsonArray, PythonJsonMember, PythonJsonObject } from './python-json.ts';
import { pythonJsonBounds } from './python-json.ts';
import { decodeError, PythonJsonError } from './python-json-error.ts';
import { isFloatText, skipNumber } from './skip-number.ts';
import { skipString, stringValue } from './skip-string.ts';
import {
  constantAt,
  countValue,
  mark,
  type Passage,
  refuseDepth,
  skipArray,
  skipColon,
  skipComma,
  skipKey,
  skipObject,
  skipSpace,
} from './skip-value.ts';

export interface ParsePythonJsonOptions {
  /** Arrays and objects this many levels below the whole are checked and keep their place, but not their children; all are kept unless said. */
  readonly nodesToDepth?: number;
  /** A text with more values than this, down to that depth, is refused: a value takes some twenty times the memory of its text. */
  readonly maximumNodes?: number;
  /** A text with more values than this, at whatever depth, is refused: a million of them take about 50 ms to check. */
  readonly maximumValues?: number;
}

/**
 * Reads a JSON text as Python's `json.loads` does: NaN and Infinity are values, lone surrogates and duplicate keys are allowed, ints have up to
 * 4300 digits. Each value keeps its place in the text, so that it can be passed on as it was written. Takes time in proportion to the text.
 * Throws PythonJsonError with CPython's message, also for more than 900 arrays and objects inside one another.
 */
export function parsePythonJson(text: string, options: ParsePythonJsonOptions = {}): PythonJson {
  if (text.startsWith('\ufeff')) throw decodeError('Unexpected UTF-8 BOM (decode using utf-8-sig)', text, 0);
  const scan: Scan = {
    text,
    nodesToDepth: options.nodesToDepth ?? pythonJsonBounds.depth,
    nodesLeft: options.maximumNodes ?? Number.POSITIVE_INFINITY,
    valuesLeft: options.maximumValues ?? Number.POSITIVE_INFINITY,
  };
  const value = scanValue(scan, skipSpace(text, 0), 0);
  const end = skipSpace(text, value.end);
  if (end !== text.length) throw decodeError('Extra data', text, end);
  return value;
}

interface Scan extends Passage {
  readonly nodesToDepth: number;
  nodesLeft: number;
}

/** Reads the value at `start`, which lies inside `depth` arrays and objects. */
function scanValue(scan: Scan, start: number, depth: number): PythonJson {
  const { text } = scan;
  countValue(scan, start);
  countNode(scan, start);
  switch (text.charCodeAt(start)) {
    case mark.quote: {
      const end = skipString(text, start);
      return { kind: 'string', start, end, value: stringValue(text, start, end) };
    }
    case mark.openArray:
      return scanArray(scan, start, depth);
    case mark.openObject:
      return scanObject(scan, start, depth);
    default: {
      const name = constantAt(text, start);
      if (name !== null) return { kind: 'constant', start, end: start + name.length, name };
      const end = skipNumber(text, start);
      return { kind: 'number', start, end, isFloat: isFloatText(text.slice(start, end)) };
    }
  }
}

function countNode(scan: Scan, start: number): void {
  scan.nodesLeft -= 1;
  if (scan.nodesLeft < 0) throw new PythonJsonError('There are too many values in the text: send fewer.', start);
}

function scanArray(scan: Scan, start: number, depth: number): PythonJsonArray {
  const { text } = scan;
  if (depth >= scan.nodesToDepth) return { kind: 'array', start, end: skipArray(scan, start, depth), items: [] };
  refuseDepth(depth, 'array', start);
  const items: PythonJson[] = [];
  let index = skipSpace(text, start + 1);
  if (text.charCodeAt(index) === mark.closeArray) return { kind: 'array', start, end: index + 1, items };
  for (;;) {
    const item = scanValue(scan, index, depth + 1);
    items.push(item);
    index = skipSpace(text, item.end);
    if (text.charCodeAt(index) === mark.closeArray) return { kind: 'array', start, end: index + 1, items };
    index = skipComma(text, index);
  }
}

function scanObject(scan: Scan, start: number, depth: number): PythonJsonObject {
  const { text } = scan;
  if (depth >= scan.nodesToDepth) return { kind: 'object', start, end: skipObject(scan, start, depth), members: [] };
  refuseDepth(depth, 'object', start);
  const members: PythonJsonMember[] = [];
  let index = skipSpace(text, start + 1);
  if (text.charCodeAt(index) === mark.closeObject) return { kind: 'object', start, end: index + 1, members };
  for (;;) {
    const keyEnd = skipKey(text, index);
    const value = scanValue(scan, skipColon(text, keyEnd), depth + 1);
    members.push({ key: stringValue(text, index, keyEnd), value });
    index = skipSpace(text, value.end);
    if (text.charCodeAt(index) === mark.closeObject) return { kind: 'object', start, end: index + 1, members };
    index = skipComma(text, index);
  }
}
