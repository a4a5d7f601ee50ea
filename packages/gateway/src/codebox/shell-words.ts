/** A command line that ends inside quotes or behind a backslash. The message is the one of Python's `shlex`. */
export class ShellWordsError extends Error {
  override readonly name = 'ShellWordsError';
}

/** A part of a line as it stands for itself, and where the line goes on. */
interface Part {
  readonly text: string;
  readonly end: number;
}

const whitespace = ' \t\r\n';

/**
 * Splits a command line into words as Python's `shlex.split` does in POSIX mode: quotes and backslashes are taken away, and nothing else means
 * anything: no variable, no glob, no pipe, no comment. Takes time in proportion to the line. Throws ShellWordsError.
 */
export function splitShellWords(line: string): readonly string[] {
  const words: string[] = [];
  /** Null between words: quotes with nothing inside are a word, too. */
  let word: string | null = null;
  let index = 0;
  while (index < line.length) {
    if (whitespace.includes(line.charAt(index))) {
      if (word !== null) words.push(word);
      word = null;
      index += 1;
    } else {
      const part = readPart(line, index);
      word = (word ?? '') + part.text;
      index = part.end;
    }
  }
  if (word !== null) words.push(word);
  return words;
}

function readPart(line: string, start: number): Part {
  switch (line.charAt(start)) {
    case '\\':
      return readEscaped(line, start);
    case "'":
      return readSingleQuoted(line, start);
    case '"':
      return readDoubleQuoted(line, start);
    default:
      return readRun(line, start, /[^ \t\r\n'"\\]+/y);
  }
}

/** All from `start` on that the sticky pattern matches, in one piece. */
function readRun(line: string, start: number, pattern: RegExp): Part {
  pattern.lastIndex = start;
  const text = pattern.exec(line)?.[0] ?? '';
  return { text, end: start + text.length };
}

function readEscaped(line: string, backslash: number): Part {
  if (backslash + 1 === line.length) throw new ShellWordsError('No escaped character');
  return { text: line.charAt(backslash + 1), end: backslash + 2 };
}

function readSingleQuoted(line: string, start: number): Part {
  const close = line.indexOf("'", start + 1);
  if (close === -1) throw new ShellWordsError('No closing quotation');
  return { text: line.slice(start + 1, close), end: close + 1 };
}

/** A backslash escapes a backslash and the quotes here, and stands for itself before anything else. */
function readDoubleQuoted(line: string, start: number): Part {
  let text = '';
  let index = start + 1;
  while (index < line.length) {
    const character = line.charAt(index);
    if (character === '"') return { text, end: index + 1 };
    const part = character === '\\' ? readEscaped(line, index) : readRun(line, index, /[^"\\]+/y);
    if (character === '\\' && part.text !== '\\' && part.text !== '"') text += '\\';
    text += part.text;
    index = part.end;
  }
  throw new ShellWordsError('No closing quotation');
}
