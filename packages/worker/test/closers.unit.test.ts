import { expect, test } from 'vitest';
import { createClosers } from '../src/closers.ts';

test('when acquisition 3 of 5 fails, 2 and then 1 are closed', async () => {
  const closers = createClosers();
  const closed: number[] = [];
  const acquire = (number: number): void => {
    if (number === 3) throw new Error('no third');
    closers.push(() => closed.push(number));
  };
  expect(() => [1, 2, 3, 4, 5].forEach(acquire)).toThrow('no third');
  await closers.close();
  expect(closed).toEqual([2, 1]);
});

test('every close function runs, and the first error is thrown', async () => {
  const closers = createClosers();
  const closed: string[] = [];
  closers.push(() => closed.push('last'));
  closers.push(() => Promise.reject(new Error('second')));
  closers.push(() => {
    throw new Error('first');
  });
  await expect(closers.close()).rejects.toThrow('first');
  expect(closed).toEqual(['last']);
});

test('closing twice runs everything once, and nothing can be acquired afterwards', async () => {
  const closers = createClosers();
  let count = 0;
  closers.push(() => {
    count += 1;
  });
  await Promise.all([closers.close(), closers.close()]);
  expect(count).toBe(1);
  expect(() => closers.push(() => {})).toThrow('after closing had begun');
});
