import { readProgramVersion } from './spawn-jailer.ts';

/**
 * What `bullpen-jailer --features` says of this kernel: name to value, for instance `landlock` to the number of its ABI. Rejects with a sentence
 * when the program cannot be run.
 */
export async function readFeatures(binary: string): Promise<ReadonlyMap<string, string>> {
  const text = await readProgramVersion(binary, ['--features']);
  return new Map([...text.matchAll(/^([a-z0-9_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));
}
