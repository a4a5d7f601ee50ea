/** Writes bytes or text and resolves when they are on their way. A reader that has gone away (`| head`) is no failure of ours. */
export function writeAll(stream: NodeJS.WriteStream, content: Uint8Array | string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(content, (error) => {
      if (error === null || error === undefined || (error as NodeJS.ErrnoException).code === 'EPIPE') resolve();
      else reject(error);
    });
  });
}

/** Says one line on stderr, marked as ours and not the program's. Line breaks, which sentences of libraries may have, become spaces. */
export function say(text: string): void {
  process.stderr.write(`bullpen: ${text.trim().replaceAll(/\s*\n\s*/g, ' ')}\n`);
}

/** Prints a value as JSON for machines. */
export function printJson(value: unknown): Promise<void> {
  return writeAll(process.stdout, `${JSON.stringify(value, null, 2)}\n`);
}
