import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long the rest of a body that nobody wants is still received. */
const lingerMs = 3000;

/**
 * A request that was answered before all of it had come goes on coming: the rest is thrown away for a while. To close at once would reset the
 * connection, and take the answer from a client that sends first and reads then.
 */
export function lingerAfter(request: IncomingMessage, response: ServerResponse): void {
  if (!hasBody(request)) return;
  const { socket } = request;
  const destroySoon = socket.destroySoon.bind(socket);
  // What the server ends a connection with behind its last answer: it says that no more will come, and still listens.
  socket.destroySoon = () => {
    if (request.complete || socket.destroyed) destroySoon();
    else socket.end();
  };
  const end = (): void => {
    if (socket.writableEnded) socket.destroy();
  };
  response.once('finish', () => {
    if (request.complete) return;
    request.resume();
    const overdue = setTimeout(() => {
      if (!request.complete) socket.destroy();
    }, lingerMs);
    request.once('end', end);
    request.once('close', () => clearTimeout(overdue));
  });
  request.once('end', () => {
    socket.destroySoon = destroySoon;
  });
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
