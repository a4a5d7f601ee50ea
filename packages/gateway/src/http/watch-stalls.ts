import type { Socket } from 'node:net';

interface Progress {
  readonly takenBytes: number;
  readonly sinceMs: number;
}

/** How often a connection is looked at within the time that it has. */
const looks = 4;

/** Ends those of the connections whose client has taken nothing of what was written to it for `stallTimeoutMs`. */
export function watchStalls(connections: ReadonlySet<Socket>, stallTimeoutMs: number): { close(): void } {
  const progress = new WeakMap<Socket, Progress>();

  function look(): void {
    const nowMs = performance.now();
    for (const socket of connections) {
      const takenBytes = socket.bytesWritten - socket.writableLength;
      const last = progress.get(socket);
      const isMoving = socket.writableLength === 0 || last === undefined || last.takenBytes !== takenBytes;
      if (isMoving) progress.set(socket, { takenBytes, sinceMs: nowMs });
      else if (nowMs - last.sinceMs >= stallTimeoutMs) socket.destroy();
    }
  }

  const timer = setInterval(look, Math.min(1000, stallTimeoutMs / looks)).unref();
  return { close: () => clearInterval(timer) };
}
