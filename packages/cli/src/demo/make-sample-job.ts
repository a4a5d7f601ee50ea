import { basename, join } from 'node:path';
import { type Catalog, renderRecipe } from '@bullpen/profiles';
import type { JobInput } from '@bullpen/protocol';
import { readFileBytes } from '../job/read-bytes.ts';
import { type Sample, samplesFolder } from './sample.ts';

/** The job that submits a sample. */
export function makeSampleJob(sample: Sample, catalog: Catalog): JobInput {
  const profile = catalog.get(sample.profile);
  if (profile === undefined) throw new Error(`The sample ${sample.file} names the unknown profile ${sample.profile}.`);
  const entry = basename(sample.file);
  const { stdin = '', limits = {} } = sample;
  const { memoryBytes } = limits;
  return {
    profile: profile.name,
    files: [{ path: entry, content: readFileBytes(join(samplesFolder, sample.file), 'sample') }],
    commands: renderRecipe(profile, { entry, stdin, ...(memoryBytes === undefined ? {} : { memoryBytes }) }),
    limits,
    labels: { sample: sample.file },
    priority: 'batch',
  };
}
