import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { replyTypes } from '../../ts/frame-format.ts';
import { KeeperLink } from '../../ts/keeper-link.ts';
import { parseError } from '../../ts/replies.ts';
import { type JailerProcess, spawnJailer } from '../../ts/spawn-jailer.ts';
import { binary, makeTableFiles, type TableFiles } from './table.ts';

/** The jailer with one slot, to which a test speaks in raw bytes, as a worker that was taken over would. */
export interface RawSlot {
  readonly process: JailerProcess;
  readonly files: TableFiles;
  readonly socket: Duplex;
  readonly diagnostics: readonly string[];
  /** Sends bytes and waits for the first reply of one of the types; tells an ERROR by its step. */
  send(bytes: Buffer, ...until: number[]): Promise<string>;
}

const names = new Map<number, string>(Object.entries(replyTypes).map(([name, type]) => [type, name]));

export async function startRawSlot(program = binary): Promise<RawSlot> {
  const files = makeTableFiles(1);
  const process = spawnJailer({ binary: program, arguments: ['--table', files.write(files.lines)], sockets: 1 });
  const diagnostics: string[] = [];
  createInterface({ input: process.stderr }).on('line', (line) => void diagnostics.push(line));
  const [socket] = process.sockets;
  if (socket === undefined) throw new Error('The jailer was started without a socket.');
  let notice: (type: number, answer: string) => void = () => {};
  const hear = (type: number, answer = names.get(type) ?? String(type)): void => {
    notice(type, answer);
  };
  const link = new KeeperLink(socket, {
    onReply: (type, body) => (type === replyTypes.ERROR ? hear(type, `ERROR ${parseError(body).step}`) : hear(type)),
    onHello: () => hear(replyTypes.HELLO),
    onNonsense: (detail) => hear(0, detail),
    onEnded: () => hear(0, 'the jailer ended'),
  });
  createInterface({ input: process.news }).on('line', (line) => link.awaitKeeper(Buffer.from(line.slice(-32), 'hex')));
  const send = (bytes: Buffer, ...until: number[]): Promise<string> =>
    new Promise((resolve) => {
      notice = (type, answer) => {
        if (type === 0 || until.includes(type)) resolve(answer);
      };
      socket.write(bytes);
    });
  await send(Buffer.alloc(0), replyTypes.HELLO);
  return { process, files, socket, diagnostics, send };
}
