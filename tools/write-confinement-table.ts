/**
 * Writes the table of attacks and rungs into docs/confinement.md, between the two marks:
 *
 *     vitest run --project ... tests/deny tests/limits --reporter=json --outputFile=tests/results/RUNG.json
 *     node tools/write-confinement-table.ts
 *
 * What the reports of tests/results say goes into tools/confinement/results.json, which is committed: a rung without a report keeps what it said before.
 * With --check nothing is written; sentences say what differs, and which attacks no rung has been asked.
 */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRules, type Rules } from './confinement/read-rules.ts';
import { addReport, compareRules, type ConfinementRecord, type JsonReport, tidyRecord } from './confinement/record.ts';
import { fillConfinementDoc } from './confinement/render-table.ts';
import { rungs } from './confinement/rungs.ts';
import { repositoryRoot } from './source-files.ts';

const document = join(repositoryRoot, 'docs/confinement.md');
const recordFile = join(repositoryRoot, 'tools/confinement/results.json');
const reportFolder = join(repositoryRoot, 'tests/results');

/** What is committed: how the attacks ended, and the rules that the tests had then. */
interface Results {
  readonly endings: ConfinementRecord;
  readonly rules: Rules;
}

/** Sentences about what is not as it should be; none when all is. */
export function checkConfinementDoc(): readonly string[] {
  const { endings, rules } = readResults();
  const text = readFileSync(document, 'utf8');
  const isStale = fillConfinementDoc(text, endings) !== text;
  const stale = isStale ? ['docs/confinement.md differs from tools/confinement/results.json.'] : [];
  return [...stale, ...compareRules(rules, readRules())];
}

function write(): void {
  const { endings } = readResults();
  const rules = readRules();
  for (const { key } of rungs) for (const report of readReports(key)) addReport(endings, key, report, rules);
  const results: Results = { rules, endings: tidyRecord(endings) };
  writeFileSync(recordFile, `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(document, fillConfinementDoc(readFileSync(document, 'utf8'), results.endings));
}

function readResults(): Results {
  return JSON.parse(readFileSync(recordFile, 'utf8')) as Results;
}

/** The newest last, so that it counts where several have the same group. */
function readReports(key: string): readonly JsonReport[] {
  if (!existsSync(reportFolder)) return [];
  return readdirSync(reportFolder)
    .filter((name) => name === `${key}.json` || (name.startsWith(`${key}.`) && name.endsWith('.json')))
    .map((name) => join(reportFolder, name))
    .toSorted((one, other) => statSync(one).mtimeMs - statSync(other).mtimeMs)
    .map((path) => JSON.parse(readFileSync(path, 'utf8')) as JsonReport);
}

if (import.meta.main) {
  if (process.argv.includes('--check')) {
    const problems = checkConfinementDoc();
    for (const problem of problems) console.error(problem);
    if (problems.length > 0)
      console.error('Run tests/deny and tests/limits on the rungs, then: node tools/write-confinement-table.ts');
    process.exitCode = problems.length === 0 ? 0 : 1;
  } else write();
}
