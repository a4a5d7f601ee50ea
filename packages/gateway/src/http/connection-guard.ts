import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { watchStalls } from './watch-stalls.ts';

export interface ConnectionLimits {
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** How long a client may take nothing of an answer that waits for it. */
  readonly stallTimeoutMs: number;
}

export interface ConnectionGuard {
  /**
   * To be asked before a request is looked at. False for one too many on its connection, which is ended: programs do not send so many before they
   * have an answer, and each would be worked on at once.
   */
  admits(request: IncomingMessage, response: ServerResponse): boolean;
  /** Connections that are open now. */
  readonly count: number;
  close(): void;
}

/**
 * Bounds the connections of a server. A newcomer beyond a limit takes the place of the connection, of its own address or of all, that has gone
 * longest without a request being answered on it: whoever opens many connections and says little only pushes out others like it.
 */
export function guardConnections(server: Server, limits: ConnectionLimits): ConnectionGuard {
  const open = new Set<Socket>();
  /** Those on which no whole request is being answered, the longest waiting first. */
  const idle = new Set<Socket>();
  const byAddress = new Map<string, Set<Socket>>();
  const answering = new WeakMap<Socket, number>();
  const begun = new WeakMap<Socket, number>();

  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? '';
    const neighbours = byAddress.get(address) ?? new Set();
    if (neighbours.size >= limits.connectionsPerAddress) makeRoom(neighbours, idle, socket);
    else if (open.size >= limits.connections) makeRoom(idle, idle, socket);
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
  function admits(request: IncomingMessage, response: ServerResponse): boolean {
    const { socket } = request;
    if (!enter(begun, socket, response)) {
      socket.destroy();
      return false;
    }
    whenWhole(request, () => {
      answering.set(socket, (answering.get(socket) ?? 0) + 1);
      idle.delete(socket);
      response.once('close', () => {
        const left = (answering.get(socket) ?? 1) - 1;
        answering.set(socket, left);
        if (left === 0 && !socket.destroyed) idle.add(socket);
      });
    });
    return true;
  }
  const stalls = watchStalls(open, limits.stallTimeoutMs);
  return {
    admits,
    get count() {
      return open.size;
    },
    close: () => stalls.close(),
  };
}

/** How many requests of one connection are worked on at a time. */
const requestsAtATime = 16;

/** Counts a request that has begun on a connection, until it was answered; false where there are too many. */
function enter(begun: WeakMap<Socket, number>, socket: Socket, response: ServerResponse): boolean {
  const count = begun.get(socket) ?? 0;
  if (count >= requestsAtATime) return false;
  begun.set(socket, count + 1);
  response.once('close', () => begun.set(socket, (begun.get(socket) ?? 1) - 1));
  return true;
}

/** A body that comes drop by drop is no whole request yet. */
function whenWhole(request: IncomingMessage, begin: () => void): void {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
  if (encoding === undefined && Number(length) === 0) begin();
  else request.once('end', begin);
}

/** Ends the longest idle one of these connections, or the newcomer where all are busy. */
function makeRoom(among: ReadonlySet<Socket>, idle: ReadonlySet<Socket>, newcomer: Socket): void {
  for (const socket of among) {
    if (!idle.has(socket) || socket.destroyed) continue;
    socket.destroy();
    return;
  }
  newcomer.destroy();
}
