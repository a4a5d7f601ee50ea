import { type CommandReport, decodeOutput, type Output, type StreamName, streamNames } from '@bullpen/protocol';

/** Told what the commands of a job write, while they write it. */
export interface OutputWatcher {
  /** `bytes` is everything that will surely be kept of the stream so far. */
  wrote(command: number, stream: StreamName, bytes: Uint8Array): void;
  ended(command: number, report: Pick<CommandReport, StreamName>): void;
}

/** One stream of one command, as far as the run keeps it. */
export interface KeptStream {
  readonly command: number;
  readonly stream: StreamName;
  readonly length: number;
  /** All of it; of a command that has ended, decoded for each call. */
  read(): Uint8Array;
}

/**
 * What a run keeps of its output so far. It holds no bytes of its own: of the command that runs those of the jail, of the others those of
 * their reports.
 */
export class KeptOutput implements OutputWatcher {
  readonly #streams: StreamOfRun[] = [];
  readonly #onGrowth: () => void;

  /** `onGrowth` is called each time that there is more. */
  constructor(onGrowth: () => void) {
    this.#onGrowth = onGrowth;
  }

  /** In the order of the commands. */
  get streams(): readonly KeptStream[] {
    return this.#streams;
  }

  wrote(command: number, stream: StreamName, bytes: Uint8Array): void {
    this.#streamOf(command, stream).hold(bytes);
    this.#onGrowth();
  }

  ended(command: number, report: Pick<CommandReport, StreamName>): void {
    for (const stream of streamNames) this.#streamOf(command, stream).hold(report[stream]);
    this.#onGrowth();
  }

  #streamOf(command: number, stream: StreamName): StreamOfRun {
    const known = this.#streams.findLast((one) => one.command === command && one.stream === stream);
    if (known !== undefined) return known;
    const added = new StreamOfRun(command, stream);
    this.#streams.push(added);
    return added;
  }
}

class StreamOfRun implements KeptStream {
  readonly command: number;
  readonly stream: StreamName;
  #content: Uint8Array | Output = new Uint8Array();

  constructor(command: number, stream: StreamName) {
    this.command = command;
    this.stream = stream;
  }

  get length(): number {
    return 'bytesKept' in this.#content ? this.#content.bytesKept : this.#content.byteLength;
  }

  hold(content: Uint8Array | Output): void {
    this.#content = content;
  }

  read(): Uint8Array {
    return 'bytesKept' in this.#content ? decodeOutput(this.#content) : this.#content;
  }
}
