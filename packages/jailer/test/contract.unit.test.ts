import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const source = (name: string): string => readFileSync(new URL(`../src/${name}`, import.meta.url), 'utf8');
const document = readFileSync(new URL('../../../docs/jailer.md', import.meta.url), 'utf8');

/** Names of a C table's rows `{STEP_name, name...}` in their order. */
const stepsOf = (file: string): string[] =>
  [...source(file).matchAll(/\{STEP_(\w+), \w+/g)].map((match) => match[1] as string);

/** Names of the numbered list below a sentence of the document. */
function listAfter(sentence: string): string[] {
  const start = document.indexOf(sentence);
  expect(start).toBeGreaterThan(0);
  const list = document.slice(start).split('\n\n')[1] as string;
  return [...list.matchAll(/^\d+\. `(\w+)`/gm)].map((match) => match[1] as string);
}

describe('docs/jailer.md says what the sources do', () => {
  test('the steps into a jail, in their order', () => {
    expect(listAfter('Init takes these steps once')).toEqual(stepsOf('enter-jail.c'));
  });

  test('the steps between fork and exec, in their order', () => {
    expect(listAfter("Each command's own process then takes these")).toEqual(stepsOf('start-program.c'));
  });

  test('every field has the tag of the header file', () => {
    const tags = [...source('frame.h').matchAll(/FIELD_(\w+) = (\d+),/g)].filter(([, name]) => name !== 'HEADER_SIZE');
    expect(tags.length).toBeGreaterThan(40);
    for (const [, name, tag] of tags) expect(document).toMatch(new RegExp(`\\| ${name} \\| ${tag} \\|`));
  });

  test('every request and reply has the type of the header file', () => {
    const types = [...source('frame.h').matchAll(/(?:REQUEST|REPLY)_(\w+) = (\d+),/g)];
    const single = types.filter(([, name]) => name !== 'STDOUT' && name !== 'STDERR');
    expect(single.length).toBeGreaterThan(15);
    for (const [, name, type] of single) expect(document).toMatch(new RegExp(`\\| ${name} \\| ${type} \\|`));
    expect(document).toContain('| STDOUT, STDERR | 67, 68 |');
  });
});
