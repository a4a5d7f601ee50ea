import type {
  PythonJson,
  PythonJsonArray,
  PythonJsonConstantName,
  PythonJsonMember,
  PythonJsonObject,
} from './python-json.ts';
import { pythonJsonBounds } from './python-json.ts';
import { decodeError, PythonJsonError } from './python-json-error.ts';
import { scanNumber } from './scan-number.ts';
import { scanString, skipString } from './scan-string.ts';

export interface ParsePythonJsonOptions {
  /** Arrays and objects this many levels below the whole are checked and keep their place, but not their children; all are kept unless said. */
  readonly nodesToDepth?: number;
  /** A text with more values than this, down to that depth, is refused: a value takes some twenty times the memory of its text. */
  readonly maximumNodes?: number;
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
  };
  const value = scanValue(scan, skipSpace(text, 0), 0);
  const end = skipSpace(text, value.end);
  if (end !== text.length) throw decodeError('Extra data', text, end);
  return value;
}

interface Scan {
  readonly text: string;
  readonly nodesToDepth: number;
  nodesLeft: number;
}

const constants: readonly PythonJsonConstantName[] = ['null', 'true', 'false', 'NaN', 'Infinity', '-Infinity'];

/** Reads the value at `start`, which lies inside `depth` arrays and objects. */
function scanValue(scan: Scan, start: number, depth: number): PythonJson {
  const { text } = scan;
  countNode(scan, start, depth);
  switch (text.charAt(start)) {
    case '"':
      if (depth > scan.nodesToDepth) return { kind: 'string', start, end: skipString(text, start), value: '' };
      return { kind: 'string', start, ...scanString(text, start) };
    case '[':
      return scanArray(scan, start, depth);
    case '{':
      return scanObject(scan, start, depth);
    default: {
      const name = constants.find((constant) => text.startsWith(constant, start));
      if (name !== undefined) return { kind: 'constant', start, end: start + name.length, name };
      return { kind: 'number', start, ...scanNumber(text, start) };
    }
  }
}

function countNode(scan: Scan, start: number, depth: number): void {
  if (depth > scan.nodesToDepth) return;
  scan.nodesLeft -= 1;
  if (scan.nodesLeft < 0) throw new PythonJsonError('There are too many values in the text: send fewer.', start);
}

function scanArray(scan: Scan, start: number, depth: number): PythonJsonArray {
  const { text } = scan;
  refuseDepth(depth, 'array', start);
  const items: PythonJson[] = [];
  let index = skipSpace(text, start + 1);
  if (text.charAt(index) === ']') return { kind: 'array', start, end: index + 1, items };
  for (;;) {
    const item = scanValue(scan, index, depth + 1);
    if (depth < scan.nodesToDepth) items.push(item);
    const next = nextOf(text, item.end, ']');
    if (next.isEnd) return { kind: 'array', start, end: next.index, items };
    index = next.index;
  }
}

function scanObject(scan: Scan, start: number, depth: number): PythonJsonObject {
  const { text } = scan;
  refuseDepth(depth, 'object', start);
  const members: PythonJsonMember[] = [];
  let index = skipSpace(text, start + 1);
  if (text.charAt(index) === '}') return { kind: 'object', start, end: index + 1, members };
  for (;;) {
    if (text.charAt(index) !== '"') {
      throw decodeError('Expecting property name enclosed in double quotes', text, index);
    }
    const isKept = depth < scan.nodesToDepth;
    const key = isKept ? scanString(text, index) : { end: skipString(text, index), value: '' };
    const colon = skipSpace(text, key.end);
    if (text.charAt(colon) !== ':') throw decodeError("Expecting ':' delimiter", text, colon);
    const value = scanValue(scan, skipSpace(text, colon + 1), depth + 1);
    if (isKept) members.push({ key: key.value, value });
    const next = nextOf(text, value.end, '}');
    if (next.isEnd) return { kind: 'object', start, end: next.index, members };
    index = next.index;
  }
}

/** Behind a value: the place of the next one, or the end of the array or object. */
function nextOf(text: string, from: number, closing: string): { readonly isEnd: boolean; readonly index: number } {
  const index = skipSpace(text, from);
  const character = text.charAt(index);
  if (character === closing) return { isEnd: true, index: index + 1 };
  if (character !== ',') throw decodeError("Expecting ',' delimiter", text, index);
  return { isEnd: false, index: skipSpace(text, index + 1) };
}

function refuseDepth(depth: number, what: 'array' | 'object', start: number): void {
  if (depth < pythonJsonBounds.depth) return;
  throw new PythonJsonError(
    `maximum recursion depth exceeded while decoding a JSON ${what} from a unicode string`,
    start,
  );
}

function skipSpace(text: string, from: number): number {
  let index = from;
  for (;;) {
    const code = text.charCodeAt(index);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return index;
    index += 1;
  }
}
