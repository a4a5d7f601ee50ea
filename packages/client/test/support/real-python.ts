import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** The host's Python in one long-lived process: evaluates a function of the given program for one text after another. */
export interface RealPython {
  /** What `answer(text)` of the program returns, as a text. Texts may hold lone surrogates, both ways. */
  ask(text: string): Promise<string>;
  close(): void;
}

// Texts travel as hexadecimal UTF-16, so that any of them passes as it is.
const loop = `
import sys
for line in sys.stdin:
    text = bytes.fromhex(line).decode('utf-16-le', 'surrogatepass')
    print(answer(text).encode('utf-16-le', 'surrogatepass').hex(), flush=True)
`;

/** Starts /usr/bin/python3 with a program that defines `answer(text)`. */
export function startPython(program: string): RealPython {
  const python = spawn('/usr/bin/python3', ['-I', '-c', `${program}\n${loop}`]);
  python.stderr.pipe(process.stderr);
  const lines = linesOf(python);
  return {
    async ask(text) {
      python.stdin.write(`${Buffer.from(text, 'utf16le').toString('hex')}\n`);
      const { value, done } = await lines.next();
      if (done === true) throw new Error('Python ended: its error stands above.');
      return Buffer.from(value, 'hex').toString('utf16le');
    },
    close: () => python.stdin.end(),
  };
}

async function* linesOf(python: ChildProcessWithoutNullStreams): AsyncGenerator<string, void, undefined> {
  yield* createInterface({ input: python.stdout, crlfDelay: Infinity });
}
