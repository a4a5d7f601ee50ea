import { describe, expect, it } from 'vitest';
import {
  addReport,
  type Attacks,
  compareAttacks,
  type ConfinementRecord,
  type JsonReport,
  tidyRecord,
} from './record.ts';
import { begin, end, fillConfinementDoc, renderTables } from './render-table.ts';

type Row = readonly [title: string, status: string, answers?: readonly string[]];

const reportOf = (name: string, ...rows: readonly Row[]): JsonReport => ({
  testResults: [
    {
      name: `/somewhere/tests/${name}.test.ts`,
      assertionResults: rows.map(([title, status, answers]) => ({
        ancestorTitles: [],
        title,
        status,
        meta: answers === undefined ? {} : { answers },
      })),
    },
  ],
});

describe('the record', () => {
  it('keeps what stopped an attack, and what did not', () => {
    const record: ConfinementRecord = {};
    const report = reportOf(
      'deny/files',
      ['a (twin: b)', 'passed', ['EACCES', 'EACCES', 'through']],
      ['c', 'failed', ['through']],
      ['d', 'passed'],
      ['e', 'skipped'],
    );
    addReport(record, 'classic', report);
    expect(record).toEqual({
      files: { a: { classic: 'stopped: EACCES' }, c: { classic: 'through' }, d: { classic: 'stopped' } },
    });
  });

  it('counts tests of the groups alone', () => {
    const record: ConfinementRecord = {};
    addReport(record, 'classic', reportOf('deny/twins', ['a', 'passed']));
    addReport(record, 'classic', reportOf('allow/files', ['a', 'passed']));
    expect(record).toEqual({});
  });

  it('says when a file of attacks has no row', () => {
    expect(() => addReport({}, 'classic', reportOf('deny/novelty', ['a', 'passed']))).toThrow(
      /tests\/deny\/novelty\.test\.ts has no row/,
    );
  });

  it('replaces what an earlier run of the same rung said, and leaves other rungs and groups alone', () => {
    const record: ConfinementRecord = {
      files: { old: { classic: 'stopped', userns: 'stopped' } },
      ipc: { b: { classic: 'stopped' } },
    };
    addReport(record, 'classic', reportOf('deny/files', ['new', 'passed']));
    expect(record).toEqual({
      files: { old: { userns: 'stopped' }, new: { classic: 'stopped' } },
      ipc: { b: { classic: 'stopped' } },
    });
  });

  it('adds the parts of one run', () => {
    const record: ConfinementRecord = {};
    addReport(record, 'classic', reportOf('deny/files', ['a', 'passed']));
    addReport(record, 'classic', reportOf('limits/limits', ['a', 'passed', ['memory-exceeded']]));
    expect(record.limits).toEqual({ a: { classic: 'stopped: memory-exceeded' } });
    expect(record.files).toEqual({ a: { classic: 'stopped' } });
  });

  const attacks: Attacks = new Map([['files', new Set(['b', 'a'])]]);

  it('forgets attacks that no test makes, and has the order of the tests', () => {
    const record: ConfinementRecord = {
      files: { gone: { userns: 'stopped' }, a: { userns: 'stopped' }, b: { userns: 'stopped' } },
    };
    expect(Object.keys(tidyRecord(record, attacks).files ?? {})).toEqual(['b', 'a']);
  });

  it('says which attack is new, and which is gone', () => {
    expect(compareAttacks({ files: { gone: {}, a: {} } }, attacks)).toEqual([
      'files: "b" has no result on any rung.',
      'files: "gone" is no test any more.',
    ]);
  });
});

describe('the table', () => {
  const record: ConfinementRecord = {
    files: {
      one: { namespaces: 'stopped: ENOENT', classic: 'stopped: EACCES' },
      two: { namespaces: 'stopped: EPERM', classic: 'stopped: EPERM' },
    },
    ipc: { three: { classic: 'through' } },
  };
  const lines = renderTables(record).split('\n');

  it('counts by group, with the rungs that were run', () => {
    expect(lines[0]).toBe('| attacks | namespaces | classic |');
    expect(lines).toContain('| files | 2/2 | 2/2 |');
    expect(lines).toContain('| ipc | - | 0/1 |');
    expect(lines).toContain('| kernel | - | - |');
  });

  it('lists what gets through, and where', () => {
    expect(lines).toContain('| ipc | three | classic |');
    const [line] = renderTables({ ipc: { three: { classic: 'stopped' } } })
      .split('\n')
      .filter((text) => text.startsWith('Nothing'));
    expect(line).toBe('Nothing that was tried gets through.');
  });

  it('lists what is answered differently, and nothing else', () => {
    expect(lines.slice(lines.indexOf('What is answered differently:') + 4)).toEqual(['| one | ENOENT | EACCES |']);
  });

  it('stands between its marks, which must be there', () => {
    const filled = fillConfinementDoc(`before\n${begin}\nold\n${end}\nafter`, record);
    expect(filled).toContain('| files | 2/2 | 2/2 |');
    expect(filled).not.toContain('old');
    expect(filled).toMatch(/^before\n[^]*\nafter$/);
    expect(() => fillConfinementDoc('nothing', record)).toThrow(/must hold/);
  });
});
