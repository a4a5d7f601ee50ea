import type { Rules } from './read-rules.ts';
import { attackOf, expectsThrough, type Group, groupOf, isTwin, type RungKey } from './rungs.ts';

/**
 * How one attack ended on one rung: `stopped`, with what the probes were answered where they said it (`stopped: EACCES`), or `through` when the test
 * that expects it to be stopped failed, and when it expects it not to be.
 */
export type Ending = string;

/** By group, attack and rung. What a rung was never asked has no entry. */
export type ConfinementRecord = { [group: Group]: { [attack: string]: { [R in RungKey]?: Ending } } };

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
export function addReport(record: ConfinementRecord, rung: RungKey, report: JsonReport, rules: Rules = {}): void {
  const seen = new Set<Group>();
  for (const { name, assertionResults } of report.testResults) {
    const group = groupOf(name);
    if (group === null) continue;
    const attacks = (record[group] ??= {});
    if (!seen.has(group)) for (const endings of Object.values(attacks)) delete endings[rung];
    seen.add(group);
    for (const { ancestorTitles, title, status, meta } of assertionResults) {
      if ((status !== 'passed' && status !== 'failed') || isTwin(title)) continue;
      const attack = completeName(attackOf([...ancestorTitles, title]), rules[group] ?? {});
      const endings = (attacks[attack] ??= {});
      endings[rung] = status === 'failed' || expectsThrough(title) ? 'through' : renderStopped(meta?.answers ?? []);
    }
  }
}

/** Vitest cuts long words out of titles: `the list of …` is the only rule that begins so. */
function completeName(attack: string, rules: Rules[string]): string {
  if (!attack.endsWith('…')) return attack;
  const [full, other] = Object.keys(rules).filter((rule) => rule.startsWith(attack.slice(0, -1)));
  return full === undefined || other !== undefined ? attack : full;
}

/** Names of errors, signals and outcomes; `no error` of a probe that was let do what then had no effect. */
function renderStopped(answers: readonly string[]): Ending {
  const said = answers.map((answer) => (answer === 'through' ? 'no error' : answer));
  const names = new Set(said.filter((answer) => /^(no error|E[A-Z0-9]+|SIG[A-Z]+|[a-z-]+-exceeded)$/.test(answer)));
  return names.size === 0 ? 'stopped' : `stopped: ${[...names].join(', ')}`;
}

/** Drops attacks without a result on any rung, and brings the groups into an order that does not change. */
export function tidyRecord(record: ConfinementRecord): ConfinementRecord {
  const groups = Object.keys(record).toSorted();
  return Object.fromEntries(
    groups.flatMap((group) => {
      const known = Object.entries(record[group] ?? {}).filter(([, endings]) => Object.keys(endings).length > 0);
      return known.length === 0 ? [] : [[group, Object.fromEntries(known)]];
    }),
  );
}

/** Sentences about rules that are not those of which the results are. */
export function compareRules(recorded: Rules, present: Rules): readonly string[] {
  const groups = new Set([...Object.keys(recorded), ...Object.keys(present)]);
  return [...groups].flatMap((group) => {
    const before = recorded[group] ?? {};
    const now = present[group] ?? {};
    return [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap((rule) => {
      const [was, is] = [before[rule] ?? 0, now[rule] ?? 0];
      if (was === is) return [];
      return [`${group}: "${rule}" ${is > was ? 'is new, and no rung has been asked' : 'is gone, and still counted'}.`];
    });
  });
}
