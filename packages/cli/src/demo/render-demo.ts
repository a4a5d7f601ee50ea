import { paint } from '../output/paint.ts';
import { renderTable } from '../output/render-table.ts';
import type { DemoRow } from './summarize-demo.ts';

/** The table of outcomes against expectations, and one line that sums it up. */
export function renderDemo(rows: readonly DemoRow[], speed: { elapsedMs: number; jobsPerSecond: number }): string {
  const head = ['CLASS', 'SAMPLE', 'JOBS', 'EXPECTED', 'SEEN', ''].map((word) => paint('bold', word));
  const submissions = rows.reduce((sum, row) => sum + row.submissions, 0);
  const different = rows.reduce((sum, row) => sum + row.different, 0);
  const details = rows
    .filter((row) => row.details !== null)
    .map((row) => `${row.sample.file}: ${row.details}\n`)
    .join('');
  const summary = `${submissions} submissions in ${(speed.elapsedMs / 1000).toFixed(1)} s (${speed.jobsPerSecond} jobs/s): ${submissions - different} as expected, ${different} different`;
  return `${renderTable([head, ...rows.map(cells)])}\n${details}${paint(different === 0 ? 'green' : 'red', summary)}\n`;
}

function cells(row: DemoRow): string[] {
  const { sample, submissions, seen, different } = row;
  const seenText = Object.entries(seen)
    .map(([outcome, count]) => (count === submissions ? outcome : `${count} x ${outcome}`))
    .join(', ');
  const mark = different === 0 ? paint('green', 'ok') : paint('red', 'DIFFERENT');
  return [
    sample.class,
    sample.file.replace(`/${sample.class}/`, '/'),
    String(submissions),
    sample.outcome,
    seenText,
    mark,
  ];
}
