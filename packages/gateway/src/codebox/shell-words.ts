/** A command line that ends inside quotes or behind a backslash. The message is the one of Python's `shlex`. */
export class ShellWordsError extends Error {
  override readonly name = 'ShellWordsError';
}

const whitespace = ' \t\r\n';
const quotes = '\'"';

/** A word so far: null before its first character, and '' for one that only quotes have begun. */
type Word = string | null;

/**
 * Splits a command line into words as Python's `shlex.split` does in POSIX mode: quotes and backslashes are taken away, and nothing else means
 * anything: no variable, no glob, no pipe, no comment. Throws ShellWordsError.
 */
export function splitShellWords(line: string): readonly string[] {
  const words: string[] = [];
  let word: Word = null;
  for (let index = 0; index < line.length; index += 1) {
    const character = line.charAt(index);
    if (whitespace.includes(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (character === '\\') {
      index += 1;
      if (index === line.length) throw new ShellWordsError('No escaped character');
      word = (word ?? '') + line.charAt(index);
    } else if (quotes.includes(character)) {
      const quoted = readQuoted(line, index);
      word = (word ?? '') + quoted.text;
      index = quoted.end;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (word !== null) words.push(word);
  return words;
}

/** What the quotes hold that open at `start`, and where they close. In double quotes a backslash escapes a backslash and the quotes, and nothing else. */
function readQuoted(line: string, start: number): { readonly text: string; readonly end: number } {
  const quote = line.charAt(start);
  let text = '';
  for (let index = start + 1; index < line.length; index += 1) {
    const character = line.charAt(index);
    if (character === quote) return { text, end: index };
    if (character !== '\\' || quote === "'") {
      text += character;
      continue;
    }
    index += 1;
    if (index === line.length) throw new ShellWordsError('No escaped character');
    const escaped = line.charAt(index);
    text += escaped === '\\' || escaped === quote ? escaped : `\\${escaped}`;
  }
  throw new ShellWordsError('No closing quotation');
}
