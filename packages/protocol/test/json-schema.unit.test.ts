import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { jobSchema } from '../src/job.ts';
import { jobJsonSchema } from '../src/json-schema.ts';
import { schemaFiles } from '../src/write-schemas.ts';
import { makeJobInput } from './example-job.ts';

test.each(schemaFiles())('docs/schema/$name is what the code generates', ({ name, text }) => {
  const committed = readFileSync(new URL(`../../../docs/schema/${name}`, import.meta.url), 'utf8');
  // Compared as values: the formatter decides about line breaks.
  expect(JSON.parse(committed), 'run packages/protocol/src/write-schemas.ts').toEqual(JSON.parse(text));
});

test('a job as a producer writes it needs a profile and commands only', () => {
  expect(jobJsonSchema()).toHaveProperty('required', ['profile', 'commands']);
  expect(jobSchema.safeParse(makeJobInput()).success).toBe(true);
});
