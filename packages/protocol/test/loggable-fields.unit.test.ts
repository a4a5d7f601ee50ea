import { expect, it } from 'vitest';
import { loggableFields } from '../src/loggable-fields.ts';

it('leaves the command of an error of Redis out of the log, and keeps what is no object', () => {
  const record = {
    message: 'WRONGPASS',
    errno: -1,
    code: null,
    command: { name: 'hello', args: ['secret'] },
    aggregateErrors: [{ command: { args: ['secret'] } }],
  };
  expect(loggableFields(record)).toEqual({ message: 'WRONGPASS', errno: -1, code: null });
});
