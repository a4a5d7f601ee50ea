import { listSourceFiles } from '../source-files.ts';
import { type Group, groupOf } from './rungs.ts';

/** Of each group the rules that its file writes down, and how often. */
export type Rules = { readonly [group: Group]: { readonly [rule: string]: number } };

/** Reads the files of `tests/deny` and `tests/limits` without running them. */
export function readRules(): Rules {
  const files = listSourceFiles(/^tests\/(deny|limits)\/[\w-]+\.test\.ts$/);
  return Object.fromEntries(
    files.flatMap(({ path, text }) => {
      const group = groupOf(path);
      return group === null ? [] : [[group, extractRules(text)]];
    }),
  );
}

/** The titles of tests, and the first word of each row of their tables: what is new has one that was not there. */
export function extractRules(source: string): { readonly [rule: string]: number } {
  const titles = source.matchAll(/^\s*(?:test|it|describe)\b[^'`\n]*\(\s*(['`])(.*?)\1\s*,/gm);
  const rows = source.matchAll(/^\s*\[\s*(')((?:[^'\\\n]|\\.)+)',/gm);
  const rules: { [rule: string]: number } = {};
  for (const [, , rule = ''] of [...titles, ...rows]) rules[rule] = (rules[rule] ?? 0) + 1;
  return rules;
}
