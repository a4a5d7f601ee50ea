import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeOwnPlace } from './support/own-place.ts';
import { runCli, textOf } from './support/run-cli.ts';
import { makeScratch } from './support/scratch.ts';

const scratch = makeScratch();
const place = makeOwnPlace();
afterAll(() => {
  scratch.remove();
  place.remove();
});
const examples = join(import.meta.dirname, '../../../examples');
const profiles = readFileSync(join(examples, 'profiles.json'), 'utf8');
const program = readFileSync(join(examples, 'sum.awk'));
const sum = scratch.write('sum.awk', program);

it.each(['profiles.ts', 'profiles.json'])('run takes profiles from %s, for its worker too', async (name) => {
  const file = scratch.write(
    name,
    name.endsWith('.ts') ? `const all: unknown = ${profiles};\nexport default all;\n` : profiles,
  );
  const run = await runCli(['run', '--profiles', file, '--stdin', '-', sum], { stdin: '1\n2\n39\n', env: place.env });
  expect([textOf(run.stdout), run.stderr, run.exitCode]).toEqual(['sum 42\n', '', 0]);
  expect(place.temporaryFiles()).toEqual([]);
});

it('a worker that is told to read a program says what reads it', async () => {
  const file = scratch.write('other.ts', 'export default [];');
  const env = { BULLPEN_PROFILES_FILE: file };
  const run = await runCli(['worker', '--redis', join(scratch.folder, 'none.sock')], { env });
  expect(run.exitCode).toBe(125);
  expect(run.stderr).toContain(`The profiles file ${file} is a program, and a worker reads JSON only`);
  expect(run.stderr).toContain('bullpen worker --profiles');
});
