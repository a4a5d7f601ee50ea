import type { OutputItem } from '@bullpen/client';
import { OutputPosition } from './output-position.ts';

/** Output, with the position behind it. */
export type ToldItem = OutputItem & { readonly position: string };

/** The output is not that of the run which the client has heard a part of. */
export class OtherRun extends Error {
  override readonly name = 'OtherRun';
}

/**
 * The output behind `from`, each piece with its position. Throws OtherRun when what lies before `from` has another checksum, or is not there:
 * everything must be told from the beginning then.
 */
export async function* resumeOutput(
  items: AsyncIterable<OutputItem>,
  from: OutputPosition,
): AsyncGenerator<ToldItem, void, undefined> {
  let target = from;
  let told = new OutputPosition();
  for await (const item of items) {
    if (item.kind === 'restarted') {
      target = new OutputPosition();
      told = new OutputPosition();
      yield { ...item, position: told.toString() };
      continue;
    }
    const { command, stream } = item;
    const goal = target.at(command, stream);
    const known = Math.max(0, Math.min(item.bytes.length, goal.bytes - told.at(command, stream).bytes));
    if (known > 0) {
      told.advance(command, stream, item.bytes.subarray(0, known));
      const reached = told.at(command, stream);
      if (reached.bytes === goal.bytes && reached.sum !== goal.sum) throw new OtherRun();
    }
    if (known === item.bytes.length) continue;
    const bytes = item.bytes.subarray(known);
    told.advance(command, stream, bytes);
    // Of a stream whose known part is yet to come by, the client knows it all the same when it comes back once more.
    yield { ...item, bytes, position: told.furthest(target).toString() };
  }
  if (!target.isReached(told)) throw new OtherRun();
}
