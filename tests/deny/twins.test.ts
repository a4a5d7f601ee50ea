import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const folder = (name: string): string => new URL(`../${name}/`, import.meta.url).pathname;
const files = readdirSync(folder('deny')).filter((name) => name !== 'twins.test.ts');

/** A probe that is broken would look like security: so each is also seen to pass where it may. */
test.for(files)('every rule of deny/%s names a twin that stands in the allow test of the same name', (file) => {
  const deny = readFileSync(`${folder('deny')}${file}`, 'utf8');
  const allow = readFileSync(`${folder('allow')}${file}`, 'utf8');
  const found = (pattern: RegExp): string[] => [...deny.matchAll(pattern)].map(([, text = '']) => text);
  const ofTables = /\(twin: \$\d\)/.test(deny) ? found(/'([^']+)'\],$/gm) : [];
  const twins = [...found(/\(twin: ([^$)][^)]*)\)/g), ...found(/^const \w+ = '([^']+)';$/gm), ...ofTables];
  expect(twins.length).toBeGreaterThan(0);
  for (const twin of twins) expect(allow).toContain(`'${twin}`);
});
