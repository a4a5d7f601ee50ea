/** A line that is drawn over and over on a terminal, and not at all elsewhere. */
export interface ProgressBar {
  advance(): void;
  /** Removes the line. */
  close(): void;
}

const width = 40;

export function createProgressBar(stream: NodeJS.WriteStream, total: number, noun: string): ProgressBar {
  let done = 0;
  const draw = (): void => void stream.write(`\r${renderProgress(done, total)} ${noun}`);
  if (!stream.isTTY) return { advance() {}, close() {} };
  draw();
  return {
    advance() {
      done += 1;
      draw();
    },
    close: () => void stream.write('\r\u001B[K'),
  };
}

/** `[#####.....] 12/24` */
export function renderProgress(done: number, total: number): string {
  const filled = total === 0 ? width : Math.round((Math.min(done, total) / total) * width);
  return `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${done}/${total}`;
}
