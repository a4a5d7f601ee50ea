import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { settingSentences } from '../src/setting-sentence.ts';

const schema = z.strictObject({
  slots: z.int().min(1).max(4).default(1),
  mode: z.enum(['a', 'b']).default('a'),
  place: z.string().startsWith('/').default('/'),
  list: z.array(z.strictObject({ host: z.string(), port: z.int('must be HOST:PORT') })).default([]),
});
const sentencesOf = (settings: Record<string, unknown>): string => {
  const { error } = schema.safeParse(settings);
  return error === undefined ? 'right' : settingSentences(error, settings, (name) => name.toUpperCase());
};

describe('settings that a schema refused', () => {
  it.each([
    [{ slots: 0 }, 'SLOTS is 0: must be at least 1.'],
    [{ slots: 5 }, 'SLOTS is 5: must be at most 4.'],
    [{ slots: 'many' }, 'SLOTS is "many": must be a number.'],
    [{ mode: 'c' }, 'MODE is "c": must be "a" or "b".'],
    [{ place: 'here' }, 'PLACE is "here": must start with "/".'],
    [{ slots: 0, mode: 'c' }, 'SLOTS is 0: must be at least 1. MODE is "c": must be "a" or "b".'],
    [{ list: [{}] }, 'LIST is [{}]: must be HOST:PORT.'],
    [{ slots: 4 }, 'right'],
  ])('%j: %s', (settings, sentences) => {
    expect(sentencesOf(settings)).toBe(sentences);
  });
});
