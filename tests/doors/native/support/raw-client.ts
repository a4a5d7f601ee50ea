import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { patience } from '../../../support/patience.ts';

/** A connection on which a test says what no HTTP library would. */
export interface RawClient {
  readonly socket: Socket;
  send(text: string | Uint8Array): void;
  /** All that was answered so far. */
  readonly answered: string;
  /** Everything that was answered until the server closed; rejects when it does not. */
  closed(): Promise<string>;
}

export interface RawClientOptions {
  /** Address of this machine to come from. */
  readonly from?: string;
}

export async function openRaw(port: number, { from = '127.0.0.1' }: RawClientOptions = {}): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from });
  await once(socket, 'connect');
  let answered = '';
  socket.setEncoding('latin1').on('data', (text) => {
    answered += String(text);
  });
  socket.on('error', () => {}); // a reset is as good as an end
  const closing = new Promise((resolve) => socket.once('close', resolve));
  return {
    socket,
    send: (text) => void socket.write(text),
    get answered() {
      return answered;
    },
    async closed() {
      const { promise: late, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(
        () => reject(new Error(`The server has not closed; it answered ${JSON.stringify(answered.slice(0, 200))}.`)),
        20_000 * patience,
      );
      try {
        await Promise.race([closing, late]);
        return answered;
      } finally {
        clearTimeout(timer);
        socket.destroy();
      }
    },
  };
}

/** Says something, and nothing more; what the server answers until it closes. */
export async function sayRaw(port: number, text: string | Uint8Array): Promise<string> {
  const client = await openRaw(port);
  client.send(text);
  return client.closed();
}

/** The statuses of the answers in a text, in their order. */
export function statusesOf(answered: string): number[] {
  return [...answered.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}
