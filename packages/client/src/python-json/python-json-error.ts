/** A text that Python's `json.loads` refuses; the message is the one that CPython 3.11 gives, with positions counted in code points as Python does. */
export class PythonJsonError extends Error {
  override readonly name = 'PythonJsonError';
  /** Where in the text, as an index of the JavaScript string. */
  readonly index: number;
  /** `bound` when the text may well be JSON, but is too deep or has too many values or digits. */
  readonly kind: 'syntax' | 'bound';

  constructor(message: string, index: number, kind: PythonJsonError['kind'] = 'bound') {
    super(message);
    this.index = index;
    this.kind = kind;
  }
}

/** `problem: line L column C (char N)`, as CPython's JSONDecodeError says it. */
export function decodeError(problem: string, text: string, index: number): PythonJsonError {
  const position = codePointCount(text, 0, index);
  const lineStart = index === 0 ? 0 : text.lastIndexOf('\n', index - 1) + 1;
  const line = countNewlines(text, lineStart) + 1;
  const column = codePointCount(text, lineStart, index) + 1;
  return new PythonJsonError(`${problem}: line ${line} column ${column} (char ${position})`, index, 'syntax');
}

/** How many characters Python counts from `start` to `end`: a surrogate pair is one. */
function codePointCount(text: string, start: number, end: number): number {
  let count = end - start;
  for (let index = start + 1; index < end; index += 1) {
    const isLow = (text.charCodeAt(index) & 0xfc00) === 0xdc00;
    if (isLow && (text.charCodeAt(index - 1) & 0xfc00) === 0xd800) {
      count -= 1;
      index += 1;
    }
  }
  return count;
}

function countNewlines(text: string, end: number): number {
  let count = 0;
  for (let index = 0; index < end; index += 1) if (text.charCodeAt(index) === 0x0a) count += 1;
  return count;
}
