import { renderTable } from '../output/render-table.ts';
import type { PartEnding } from './run-part.ts';

/** How each part ended and how long it took, and all of them together: a table, and a last line for machines, `N passed, N failed`. */
export function renderEndings(endings: readonly PartEnding[], seconds: number): string {
  const passed = endings.reduce((sum, ending) => sum + ending.passed, 0);
  const failed = endings.reduce((sum, ending) => sum + ending.failed, 0);
  const rows = [...endings, { name: 'all', passed, failed, seconds }].map((ending) => [
    ending.name,
    String(ending.passed),
    String(ending.failed),
    `${Math.round(ending.seconds)} s`,
  ]);
  return `${renderTable([['PART', 'PASSED', 'FAILED', 'TIME'], ...rows])}${passed} passed, ${failed} failed\n`;
}
