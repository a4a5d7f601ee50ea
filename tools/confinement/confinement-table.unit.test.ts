import { describe, expect, it } from 'vitest';
import { extractRules, readRules } from './read-rules.ts';
import { addReport, compareRules, type ConfinementRecord, type JsonReport, tidyRecord } from './record.ts';
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
      files: { a: { classic: 'stopped: EACCES, no error' }, c: { classic: 'through' }, d: { classic: 'stopped' } },
    });
  });

  it('gives a title that was cut its whole name, where there is but one', () => {
    const record: ConfinementRecord = {};
    const report = reportOf('deny/files', ['the list … (twin: b)', 'passed'], ['the …', 'passed']);
    addReport(record, 'classic', report, { files: { 'the list of mounts': 1, 'the root': 1 } });
    expect(Object.keys(record.files ?? {})).toEqual(['the list of mounts', 'the …']);
  });

  it('knows what a rung does not even promise to stop, and leaves out what may be done', () => {
    const record: ConfinementRecord = {};
    const titles = ['just over (spin 9) ends as memory-exceeded', 'just under (spin 8) ends as exited'];
    addReport(record, 'namespaces', reportOf('limits/limits', ...titles.map((title) => [title, 'passed'] as const)));
    addReport(
      record,
      'userns',
      reportOf('limits/limits', ['just over (spin 9) ends as through', 'passed', ['through']]),
    );
    expect(record['limits']).toEqual({ 'just over (spin 9)': { namespaces: 'stopped', userns: 'through' } });
  });

  it('counts tests of the groups alone', () => {
    const record: ConfinementRecord = {};
    addReport(record, 'classic', reportOf('deny/twins', ['a', 'passed']));
    addReport(record, 'classic', reportOf('allow/files', ['a', 'passed']));
    expect(record).toEqual({});
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

  it('forgets attacks and groups without any result', () => {
    const record: ConfinementRecord = { ipc: { gone: {} }, files: { b: { userns: 'stopped' }, gone: {} } };
    expect(tidyRecord(record)).toEqual({ files: { b: { userns: 'stopped' } } });
  });
});

describe('the rules that the tests write down', () => {
  it('are titles, and the first words of rows', () => {
    const source = [
      'test.for<[rule: string]>([',
      "  ['one rule', 'read /etc/passwd'],",
      '  [',
      "    'another rule, of two lines',",
      "    'read x',",
      '  ],',
      "])('$0 (twin: $2)', async () => {",
      "  expect(['no rule']).toEqual(words);",
      '});',
      "test('a title', async () => {});",
      'test.runIf(hasCgroup)(`a title of ${kind}`, () => {});',
      "  test.for(pairs)('one of pairs', () => {});",
    ];
    expect(extractRules(source.join('\n'))).toEqual({
      'one rule': 1,
      'another rule, of two lines': 1,
      'a title': 1,
      'a title of ${kind}': 1,
      'one of pairs': 1,
    });
  });

  it('are compared, each by name', () => {
    const recorded = { files: { a: 1, gone: 1 } };
    expect(compareRules(recorded, { files: { a: 2 }, ipc: { b: 1 } })).toEqual([
      'files: "a" is new, and no rung has been asked.',
      'files: "gone" is gone, and still counted.',
      'ipc: "b" is new, and no rung has been asked.',
    ]);
    expect(compareRules(recorded, recorded)).toEqual([]);
  });

  it('are found in every file of attacks', () => {
    const rules = readRules();
    expect(Object.keys(rules)).toContain('limits');
    expect(Object.keys(rules)).not.toContain('twins');
    for (const [group, found] of Object.entries(rules)) expect(Object.keys(found).length, group).toBeGreaterThan(0);
  });
});

describe('the table', () => {
  const record: ConfinementRecord = {
    files: {
      one: { namespaces: 'stopped: ENOENT', classic: 'stopped: EACCES' },
      alike: { namespaces: 'stopped: ENOENT', classic: 'stopped: EACCES' },
      two: { namespaces: 'stopped: EPERM', classic: 'stopped: EPERM' },
    },
    ipc: { three: { classic: 'through' } },
  };
  const lines = renderTables(record).split('\n');

  it('counts by group, with the rungs that were run', () => {
    expect(lines[0]).toBe('| attacks | namespaces | classic |');
    expect(lines).toContain('| files | 3/3 | 3/3 |');
    expect(lines).toContain('| ipc | - | 0/1 |');
  });

  it('has a row for each file, the usual ones first', () => {
    const rows = renderTables({
      zoo: { a: { userns: 'stopped' } },
      limits: { a: { userns: 'stopped' } },
      ipc: { a: {} },
    });
    expect(rows.split('\n').slice(2, 5)).toEqual(['| ipc | - |', '| limits | 1/1 |', '| zoo | 1/1 |']);
  });

  it('lists what gets through, and where', () => {
    expect(lines).toContain('| ipc | three | classic |');
    const [line] = renderTables({ ipc: { three: { classic: 'stopped' } } })
      .split('\n')
      .filter((text) => text.startsWith('Nothing'));
    expect(line).toBe('Nothing that was tried gets through.');
  });

  it('lists what is answered differently, and nothing else', () => {
    expect(lines.slice(lines.indexOf('What is answered differently:') + 4)).toEqual([
      '| one; alike | ENOENT | EACCES |',
    ]);
  });

  it('stands between its marks, which must be there', () => {
    const filled = fillConfinementDoc(`before\n${begin}\nold\n${end}\nafter`, record);
    expect(filled).toContain('| files | 3/3 | 3/3 |');
    expect(filled).not.toContain('old');
    expect(filled).toMatch(/^before\n[^]*\nafter$/);
    expect(() => fillConfinementDoc('nothing', record)).toThrow(/must hold/);
  });
});
