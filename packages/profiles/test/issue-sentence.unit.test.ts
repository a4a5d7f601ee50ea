import { expect, test } from 'vitest';
import { z } from 'zod';
import { issueSentence } from '../src/issue-sentence.ts';

const schema = z.strictObject({
  name: z.string().max(3).optional(),
  count: z.int().min(1).max(9).optional(),
  share: z.number().gt(0).lt(1).optional(),
  step: z.number().multipleOf(5).optional(),
  list: z
    .array(z.strictObject({ kind: z.enum(['a', 'b']) }))
    .min(1)
    .optional(),
  code: z.string().regex(/^x+$/).optional(),
  mail: z.email().optional(),
  either: z.union([z.string(), z.strictObject({ deep: z.int() })]).optional(),
  plain: z.union([z.string(), z.boolean()]).optional(),
  table: z.record(z.string().max(2), z.int()).optional(),
  odd: z
    .int()
    .refine((n) => n % 2 === 1, 'must be odd')
    .optional(),
  vague: z
    .int()
    .refine(() => false, 'no')
    .optional(),
});

test.each([
  [null, 'the thing must be an object, got null'],
  [undefined, 'the thing is missing: it must be an object'],
  [[], 'the thing must be an object, got an array'],
  [{ name: 'long' }, 'name must have at most 3 characters, got "long"'],
  [{ name: 'x'.repeat(100) }, `name must have at most 3 characters, got "${'x'.repeat(80)}"... (100 characters)`],
  [{ count: 0 }, 'count must be at least 1, got 0'],
  [{ count: 1.5 }, 'count must be a whole number, got 1.5'],
  [{ count: '1' }, 'count must be a number, got "1"'],
  [{ share: 0 }, 'share must be more than 0, got 0'],
  [{ share: 1 }, 'share must be less than 1, got 1'],
  [{ step: 7 }, 'step must be a multiple of 5, got 7'],
  [{ list: [] }, 'list must have at least 1 item, got 0'],
  [{ list: [{ kind: 'a' }, { kind: 'c' }] }, 'list[1].kind must be "a" or "b", got "c"'],
  [{ list: [{ kind: 'a', x: 1, y: 2 }] }, 'list[0] must not have "x" or "y": no such field is known'],
  [{ code: 'y' }, 'code must match /^x+$/, got "y"'],
  [{ mail: 'y' }, 'mail must be a valid email, got "y"'],
  [{ either: { deep: 1.5 } }, 'either.deep must be a whole number, got 1.5'],
  [{ plain: 5 }, 'plain must have another shape, got 5'],
  [{ table: { abc: 1 } }, 'a name in table must have at most 2 characters, got "abc"'],
  [{ table: { a: {} } }, 'table.a must be a number, got an object'],
  [{ odd: 2 }, 'odd must be odd, got 2'],
  [{ vague: 2 }, 'vague must be acceptable (no), got 2'],
])('%j: %s', (value, sentence) => {
  const { error } = schema.safeParse(value);
  expect(error && issueSentence(error, value, 'the thing')).toBe(sentence);
});

test('a check that measured something else says what', () => {
  const sized = z.array(z.string()).superRefine((list, context) => {
    context.addIssue({ code: 'custom', message: 'must be short together', params: { got: list.join('').length } });
  });
  const { error } = sized.safeParse(['ab', 'c']);
  expect(error && issueSentence(error, ['ab', 'c'], 'the list')).toBe('the list must be short together, got 3');
});
