import { expect, it } from 'vitest';
import { listTestParts, vmPart } from '../../src/testing/test-parts.ts';

const vmOf = (hasAppArmor: boolean) => listTestParts(hasAppArmor).find(({ name }) => name === 'vm')?.command;

it('runs the suites of confinement in the machine where this host has no AppArmor, within 40 minutes', () => {
  expect(vmOf(false)).toEqual(vmPart.command);
  expect(vmPart.command.join(' ')).toContain('--time-limit 2400');
});

it('runs them directly where it has', () => {
  expect(vmOf(true)).toEqual(['tests/vm/confinement.sh']);
});

it('keeps a report of each rung that tools/write-confinement-table.ts finds', () => {
  const reports = listTestParts(false).flatMap(({ command }) =>
    command.filter((word) => word.startsWith('--outputFile')),
  );
  expect(reports.map((word) => word.split('/').at(-1))).toEqual([
    'namespaces.json',
    'userns.json',
    'classic.json',
    'restricted.json',
  ]);
});
