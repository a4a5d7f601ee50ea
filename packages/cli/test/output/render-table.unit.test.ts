import { expect, it } from 'vitest';
import { renderTable } from '../../src/output/render-table.ts';

it('pads columns to their widest cell and leaves no blanks at the end of a line', () => {
  expect(
    renderTable([
      ['NAME', 'X'],
      ['a', 'long cell'],
      ['longer', ''],
    ]),
  ).toBe('NAME    X\na       long cell\nlonger\n');
});

it('does not count colours for the width', () => {
  expect(
    renderTable([
      ['\u001B[32mok\u001B[39m', 'b'],
      ['four', 'd'],
    ]),
  ).toBe('\u001B[32mok\u001B[39m    b\nfour  d\n');
});

it('renders nothing for no rows', () => {
  expect(renderTable([])).toBe('');
});
