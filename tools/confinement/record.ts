import { attackOf, type Group, groupOf, type RungKey } from './rungs.ts';

/**
 * How one attack ended on one rung: `stopped`, with what the probes were answered where they said it (`stopped: EACCES`), or `through` when the test
 * that expects it to be stopped failed.
 */
export type Ending = string;

/** By group, attack and rung. What a rung was never asked has no entry. */
export type ConfinementRecord = { [G in Group]?: { [attack: string]: { [R in RungKey]?: Ending } } };

/** The part of Vitest's JSON report that counts here. */
export interface JsonReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
      readonly meta?: { readonly answers?: readonly string[] };
    }[];
  }[];
}

/** Puts a rung's report in the place of what the record holds of that rung, for the groups that the report has. */
export function addReport(record: ConfinementRecord, rung: RungKey, report: JsonReport): void {
  const seen = new Set<Group>();
  for (const { name, assertionResults } of report.testResults) {
    const group = groupOf(name);
    if (group === null) continue;
    const attacks = (record[group] ??= {});
    if (!seen.has(group)) for (const endings of Object.values(attacks)) delete endings[rung];
    seen.add(group);
    for (const { ancestorTitles, title, status, meta } of assertionResults) {
      if (status !== 'passed' && status !== 'failed') continue;
      const endings = (attacks[attackOf([...ancestorTitles, title])] ??= {});
      endings[rung] = status === 'failed' ? 'through' : renderStopped(meta?.answers ?? []);
    }
  }
}

/** Only names of errors, signals and outcomes: other words of probes say what the program was allowed. */
function renderStopped(answers: readonly string[]): Ending {
  const names = new Set(answers.filter((answer) => /^(E[A-Z0-9]+|SIG[A-Z]+|[a-z-]+-exceeded)$/.test(answer)));
  return names.size === 0 ? 'stopped' : `stopped: ${[...names].join(', ')}`;
}

/** Attacks by group, as the tests have them now. */
export type Attacks = ReadonlyMap<Group, ReadonlySet<string>>;

/** Drops attacks that no test makes any more, and rungs and groups without results; brings all into the order of the tests. */
export function tidyRecord(record: ConfinementRecord, attacks: Attacks): ConfinementRecord {
  const tidy: ConfinementRecord = {};
  for (const [group, names] of attacks) {
    const known = [...names].flatMap((name) => {
      const endings = record[group]?.[name];
      return endings === undefined || Object.keys(endings).length === 0 ? [] : [[name, endings] as const];
    });
    if (known.length > 0) tidy[group] = Object.fromEntries(known);
  }
  return tidy;
}

/** Sentences about attacks that the record has never seen, and about attacks that it still lists and no test makes. */
export function compareAttacks(record: ConfinementRecord, attacks: Attacks): readonly string[] {
  return [...attacks].flatMap(([group, names]) => {
    const recorded = Object.keys(record[group] ?? {});
    return [
      ...[...names]
        .filter((name) => !recorded.includes(name))
        .map((name) => `${group}: "${name}" has no result on any rung.`),
      ...recorded.filter((name) => !names.has(name)).map((name) => `${group}: "${name}" is no test any more.`),
    ];
  });
}
