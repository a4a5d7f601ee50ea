import type { Jail } from '@bullpen/jailer';
import { type CollectedFile, encodeBytes } from '@bullpen/protocol';
import type { OutputBudget } from './output-budget.ts';

/** Reads the files that the job asked for, by the jailer's rules of safe collecting. A file beyond the output budget is refused as `too-large`. */
export async function collectFiles(
  jail: Pick<Jail, 'collect'>,
  paths: readonly string[],
  budget: OutputBudget,
): Promise<readonly CollectedFile[]> {
  const files: CollectedFile[] = [];
  for (const path of paths) {
    const answer = await jail.collect(path, budget.left);
    if (answer.state === 'refused') {
      files.push(answer);
      continue;
    }
    const content = budget.keep(answer.content);
    files.push({ state: 'collected', path, mode: answer.mode, ...encodeBytes(content), bytes: content.byteLength });
  }
  return files;
}
