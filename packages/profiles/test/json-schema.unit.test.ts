import { expect, test } from 'vitest';
import { profileJsonSchema } from '../src/json-schema.ts';

test('describes a profile as an operator writes it: what has a default may be left out', () => {
  const schema = profileJsonSchema();
  expect(schema).toMatchObject({ title: 'Bullpen profile', type: 'object', additionalProperties: false });
  expect(schema).toHaveProperty('required', expect.arrayContaining(['name', 'toolchain', 'view', 'recipe']));
  expect(schema).toHaveProperty('required', expect.not.arrayContaining(['extensions']));
});
