import { expect, it } from 'vitest';
import { listTestStages, vmPart } from '../../src/testing/test-parts.ts';

const vmOf = (hasAppArmor: boolean) =>
  listTestStages(hasAppArmor)
    .flat(2)
    .find(({ name }) => name === 'vm')?.command;

it('runs the suites of confinement in the machine where this host has no AppArmor, within an hour', () => {
  expect(vmOf(false)).toEqual(vmPart.command);
  expect(vmPart.command.join(' ')).toContain('--time-limit 3600');
});

it('runs them directly where it has', () => {
  expect(vmOf(true)).toEqual(['tests/vm/confinement.sh']);
});

it.each([true, false])(
  'runs them beside nothing else: they need all processors, or change the profiles of the whole host',
  (hasAppArmor) => {
    const stage = listTestStages(hasAppArmor).find((lanes) => lanes.flat().some(({ name }) => name === 'vm'));
    expect(stage?.flat()).toHaveLength(1);
  },
);

it.each([true, false])('has the same parts in either way, each once', (hasAppArmor) => {
  const parts = ['check', 'native', 'unit', 'integration', 'classic', 'restricted', 'system', 'userns', 'vm'];
  const names = listTestStages(hasAppArmor)
    .flat(2)
    .map(({ name }) => name);
  expect(names).toEqual(parts);
});

it('keeps a report of each rung that tools/write-confinement-table.ts finds', () => {
  const reports = listTestStages(false)
    .flat(2)
    .flatMap(({ command }) => command.filter((word) => word.startsWith('--outputFile')));
  expect(new Set(reports.map((word) => word.split('/').at(-1)))).toEqual(
    new Set(['namespaces.json', 'userns.json', 'classic.json', 'restricted.json']),
  );
});
