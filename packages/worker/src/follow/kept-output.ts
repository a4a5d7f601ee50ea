import { type CommandReport, decodeOutput, type Output, type StreamName, streamNames } from '@bullpen/protocol';

/** Told what the commands of a job write, while they write it. */
export interface OutputWatcher {
  /** `bytes` is everything that will surely be kept of the stream so far. */
  wrote(command: number, stream: StreamName, bytes: Uint8Array): void;
  ended(command: number, report: Pick<CommandReport, StreamName>): void;
}

/** One stream of one command, as far as the run keeps it now. */
export interface KeptStream {
  readonly command: number;
  readonly stream: StreamName;
  readonly length: number;
  /** All of it; of a command that has ended, decoded for each call. */
  read(): Uint8Array;
}

const streamsOfCommand = streamNames.length;

/**
 * What a run keeps of its output so far. It holds no bytes of its own: of the command that runs those of the jail, of the others those of
 * their reports. Every job has one and few are followed, so it does next to nothing until it is asked.
 */
export class KeptOutput implements OutputWatcher {
  /** By command, then in the order of `streamNames`. */
  readonly #contents: (Uint8Array | Output | undefined)[] = [];
  /** Called each time that there is more. */
  onGrowth: (() => void) | null = null;

  /** In the order of the commands. */
  streams(): readonly KeptStream[] {
    return this.#contents.flatMap((content, index) => {
      const stream = streamNames[index % streamsOfCommand];
      if (content === undefined || stream === undefined) return [];
      const command = Math.floor(index / streamsOfCommand);
      return [{ command, stream, length: lengthOf(content), read: () => bytesOf(content) }];
    });
  }

  /** Of all streams together. */
  get length(): number {
    return this.#contents.reduce((sum, content) => sum + (content === undefined ? 0 : lengthOf(content)), 0);
  }

  wrote(command: number, stream: StreamName, bytes: Uint8Array): void {
    this.#contents[command * streamsOfCommand + streamNames.indexOf(stream)] = bytes;
    this.onGrowth?.();
  }

  ended(command: number, report: Pick<CommandReport, StreamName>): void {
    for (const [place, stream] of streamNames.entries())
      this.#contents[command * streamsOfCommand + place] = report[stream];
    this.onGrowth?.();
  }
}

function lengthOf(content: Uint8Array | Output): number {
  return 'bytesKept' in content ? content.bytesKept : content.byteLength;
}

function bytesOf(content: Uint8Array | Output): Uint8Array {
  return 'bytesKept' in content ? decodeOutput(content) : content;
}
