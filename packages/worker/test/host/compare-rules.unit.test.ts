import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type CompileRules, findAlteredRules } from '../../src/host/compare-rules.ts';

/** A folder as the kernel shows it, with what it was given for each profile. */
function makePolicy(given: Readonly<Record<string, string | null>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'bullpen-policy-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(given)) {
    mkdirSync(join(folder, `${name}.7`));
    if (text !== null) writeFileSync(join(folder, `${name}.7`, 'raw_data'), text);
  }
  return folder;
}

/** What a parser would make of a text, as far as these tests care. */
const compile: CompileRules = async (text) => Buffer.from(text.toUpperCase());
const profiles = ['same', 'edited', 'unkept', 'absent'].map((name) => ({ name, text: name }));

test('a profile whose rules the kernel was given otherwise is found, and no other', async () => {
  const folder = makePolicy({ same: 'SAME', edited: 'EDITED BY HAND', unkept: null });
  expect([...(await findAlteredRules(profiles, { folder, compile }))]).toEqual(['edited']);
});

test('nothing is found where nobody can tell', async () => {
  const folder = makePolicy({ edited: 'EDITED BY HAND' });
  expect((await findAlteredRules(profiles, { folder, compile: null })).size).toBe(0);
  expect((await findAlteredRules(profiles, { folder: '/absent', compile })).size).toBe(0);
  const failing: CompileRules = () => Promise.reject(new Error('syntax error'));
  expect((await findAlteredRules(profiles, { folder, compile: failing })).size).toBe(0);
});
