import { type LiveOutput, type Result, type StreamName, streamNames } from '@bullpen/protocol';
import type { OutputItem } from './output-item.ts';
import { outputPieces } from './output-pieces.ts';

/** What is new to a follower in a message. */
export interface NewOutput {
  readonly items: readonly OutputItem[];
  /** Whether something before it is missing, so that it could not be used. */
  readonly isBehind: boolean;
}

/** How far a follower has come: the attempt, and how much he has of each stream. Messages may come twice, late, or not at all. */
export class OutputProgress {
  #attempt = 0;
  readonly #lengths = new Map<string, number>();

  take(message: LiveOutput): NewOutput {
    if (message.attempt < this.#attempt) return { items: [], isBehind: false };
    const items = [...this.#beginAttempt(message.attempt)];
    if (message.kind === 'started') return { items, isBehind: false };
    const { command, stream, offset, data } = message;
    const have = this.#lengthOf(command, stream);
    if (offset > have) return { items, isBehind: true };
    const bytes = Buffer.from(data, 'base64').subarray(have - offset);
    if (bytes.byteLength > 0) items.push(this.#append(command, stream, bytes));
    return { items, isBehind: false };
  }

  /** What is still missing of everything that the result keeps. */
  *rest(result: Result): Generator<OutputItem, void, undefined> {
    if (!this.#isOf(result)) {
      yield { kind: 'restarted', attempt: result.attempt };
      this.#lengths.clear();
    }
    for (const [command, report] of result.commands.entries()) {
      for (const stream of streamNames) {
        const have = this.#lengthOf(command, stream);
        if (have >= report[stream].bytesKept) continue;
        for (const bytes of outputPieces(report[stream], have)) yield this.#append(command, stream, bytes);
      }
    }
  }

  #beginAttempt(attempt: number): readonly OutputItem[] {
    if (attempt === this.#attempt) return [];
    const isVoid = this.#lengths.size > 0;
    this.#attempt = attempt;
    this.#lengths.clear();
    return isVoid ? [{ kind: 'restarted', attempt }] : [];
  }

  /** Whether what was taken is the beginning of what the result keeps; so it is when nothing was. */
  #isOf(result: Result): boolean {
    if (this.#lengths.size === 0) return true;
    let known = 0;
    for (const [command, report] of result.commands.entries()) {
      for (const stream of streamNames) {
        if (this.#lengthOf(command, stream) > report[stream].bytesKept) return false;
        if (this.#lengths.has(keyOf(command, stream))) known += 1;
      }
    }
    return result.attempt === this.#attempt && known === this.#lengths.size;
  }

  #append(command: number, stream: StreamName, bytes: Uint8Array): OutputItem {
    this.#lengths.set(keyOf(command, stream), this.#lengthOf(command, stream) + bytes.byteLength);
    return { kind: 'output', command, stream, bytes };
  }

  #lengthOf(command: number, stream: StreamName): number {
    return this.#lengths.get(keyOf(command, stream)) ?? 0;
  }
}

function keyOf(command: number, stream: StreamName): string {
  return `${command} ${stream}`;
}
