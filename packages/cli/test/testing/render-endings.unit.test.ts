import { expect, it } from 'vitest';
import { renderEndings } from '../../src/testing/render-endings.ts';

it('tells each part, all of them, and ends with the line that machines read', () => {
  const endings = [
    { name: 'unit', passed: 2900, failed: 0, seconds: 61.4 },
    { name: 'system', passed: 499, failed: 1, seconds: 700 },
  ];
  expect(renderEndings(endings, 720.5).split('\n')).toEqual([
    'PART    PASSED  FAILED  TIME',
    'unit    2900    0       61 s',
    'system  499     1       700 s',
    'all     3399    1       721 s',
    '3399 passed, 1 failed',
    '',
  ]);
});
