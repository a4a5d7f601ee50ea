import { crc32 } from 'node:zlib';

export type StreamName = 'stdout' | 'stderr';

/** How far one stream of one command was told, and a checksum of what was told. */
interface StreamPosition {
  readonly bytes: number;
  readonly sum: number;
}

const start: StreamPosition = { bytes: 0, sum: 0 };
const commandsMax = 64;
const streamPattern = /^(\d{1,12})\.([0-9a-f]{1,8})$/;

/**
 * How far the output of a job was told: what an event's id says, so that a client that comes back with it hears the rest alone. The checksums
 * show whether the output is still that of the same run.
 */
export class OutputPosition {
  readonly #streams = new Map<string, StreamPosition>();
  #commands = 0;

  at(command: number, stream: StreamName): StreamPosition {
    return this.#streams.get(`${command} ${stream}`) ?? start;
  }

  advance(command: number, stream: StreamName, bytes: Uint8Array): void {
    const { bytes: told, sum } = this.at(command, stream);
    this.#set(command, stream, { bytes: told + bytes.length, sum: crc32(bytes, sum) });
  }

  #set(command: number, stream: StreamName, position: StreamPosition): void {
    this.#streams.set(`${command} ${stream}`, position);
    this.#commands = Math.max(this.#commands, command + 1);
  }

  /** Two words for each command, both streams as bytes and checksum: `12.9a3f_0.0` for one that wrote 12 bytes to its stdout. */
  toString(): string {
    const commands = Array.from({ length: this.#commands }, (_, command) =>
      [this.at(command, 'stdout'), this.at(command, 'stderr')]
        .map(({ bytes, sum }) => `${bytes}.${sum.toString(16)}`)
        .join('_'),
    );
    return commands.join('_');
  }

  /** Null for what is no position. */
  static parse(text: string): OutputPosition | null {
    const position = new OutputPosition();
    const words = text.split('_');
    if (words.length > 2 * commandsMax) return null;
    for (const [index, word] of words.entries()) {
      const [, bytes, sum] = streamPattern.exec(word) ?? [];
      if (bytes === undefined || sum === undefined) return null;
      const stream = index % 2 === 0 ? 'stdout' : 'stderr';
      position.#set(Math.floor(index / 2), stream, { bytes: Number(bytes), sum: Number.parseInt(sum, 16) });
    }
    return position;
  }

  /** For each stream whichever of the two is further. */
  furthest(other: OutputPosition): OutputPosition {
    const position = new OutputPosition();
    position.#commands = Math.max(this.#commands, other.#commands);
    for (const [key, one] of [...this.#streams, ...other.#streams]) {
      const reached = position.#streams.get(key);
      if (reached === undefined || reached.bytes < one.bytes) position.#streams.set(key, one);
    }
    return position;
  }

  /** Whether everything that this position tells was told in `other`, too, byte for byte as far as checksums can say. */
  isReached(other: OutputPosition): boolean {
    return [...this.#streams].every(([key, { bytes }]) => (other.#streams.get(key)?.bytes ?? 0) >= bytes);
  }
}
