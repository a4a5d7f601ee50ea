import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export interface ConnectionLimits {
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** How long a client may take nothing of an answer that waits for it. */
  readonly stallTimeoutMs: number;
}

/**
 * Bounds the connections of a server. A newcomer beyond a limit takes the place of the connection, of its own address or of all, that has gone
 * longest without a request being answered on it: whoever opens many connections and says nothing only pushes out others like it.
 */
export function guardConnections(server: Server, limits: ConnectionLimits): { readonly count: number; close(): void } {
  /** Oldest first. */
  const idle = new Set<Socket>();
  const byAddress = new Map<string, Set<Socket>>();
  const open = new Set<Socket>();

  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? '';
    const neighbours = byAddress.get(address) ?? new Set();
    if (neighbours.size >= limits.connectionsPerAddress) makeRoom(neighbours, idle, socket);
    if (open.size >= limits.connections) makeRoom(idle, idle, socket);
    if (socket.destroyed) return;
    byAddress.set(address, neighbours.add(socket));
    open.add(socket);
    idle.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      idle.delete(socket);
      neighbours.delete(socket);
      if (neighbours.size === 0 && byAddress.get(address) === neighbours) byAddress.delete(address);
    });
  });
  server.on('request', ({ socket }, response) => {
    idle.delete(socket);
    response.once('close', () => {
      if (!socket.destroyed) idle.add(socket);
    });
  });
  const sweep = watchStalls(open, limits.stallTimeoutMs);
  return {
    get count() {
      return open.size;
    },
    close: () => clearInterval(sweep),
  };
}

/** Ends the oldest idle one of these connections, or the newcomer where all are busy. */
function makeRoom(among: ReadonlySet<Socket>, idle: ReadonlySet<Socket>, newcomer: Socket): void {
  for (const socket of among) {
    if (!idle.has(socket) || socket.destroyed) continue;
    socket.destroy();
    return;
  }
  newcomer.destroy();
}

/** Ends connections whose client takes nothing of what was written to it. */
function watchStalls(open: ReadonlySet<Socket>, stallTimeoutMs: number): NodeJS.Timeout {
  const seen = new WeakMap<Socket, { readonly taken: number; readonly sinceMs: number }>();
  const check = (): void => {
    const nowMs = performance.now();
    for (const socket of open) {
      const taken = socket.bytesWritten - socket.writableLength;
      const last = seen.get(socket);
      if (socket.writableLength === 0 || last === undefined || last.taken !== taken)
        seen.set(socket, { taken, sinceMs: nowMs });
      else if (nowMs - last.sinceMs >= stallTimeoutMs) socket.destroy();
    }
  };
  return setInterval(check, Math.min(1000, stallTimeoutMs / 4)).unref();
}
