import { globSync } from 'node:fs';
import { createCatalog } from '@bullpen/profiles';
import { checkJob, parseJob } from '@bullpen/protocol';
import { expect, it } from 'vitest';
import { makeSampleJob } from '../../src/demo/make-sample-job.ts';
import { readSamples, samplesFolder } from '../../src/demo/sample.ts';

const catalog = createCatalog();

it('are described once each, and nothing else is', () => {
  const files = globSync('*/*/*', { cwd: samplesFolder });
  expect(
    readSamples()
      .map(({ file }) => file)
      .toSorted(),
  ).toEqual(files.toSorted());
});

it.each(readSamples())('$file is a job that a client would take', (sample) => {
  const job = parseJob(makeSampleJob(sample, catalog));
  expect(checkJob(job, catalog).name).toBe(sample.profile);
  expect(sample.file.startsWith(`${sample.profile}/${sample.class}/`)).toBe(true);
});
