import { describe, expect, it } from 'vitest';
import { readVariables } from '../src/read-variables.ts';

const variables = {
  redis: ['BULLPEN_REDIS', 'text'],
  slots: ['BULLPEN_SLOTS', 'number'],
  enabled: ['BULLPEN_ENABLED', 'boolean'],
} as const;

describe('the variables of an environment', () => {
  it('become settings of their kinds, and others are left alone', () => {
    const environment = { BULLPEN_REDIS: '/r.sock', BULLPEN_SLOTS: '3', BULLPEN_ENABLED: 'false', PATH: '/bin' };
    expect(readVariables(variables, environment)).toEqual({ redis: '/r.sock', slots: 3, enabled: false });
  });

  it('are absent when they are empty', () => {
    expect(readVariables(variables, { BULLPEN_REDIS: '', BULLPEN_SLOTS: undefined })).toEqual({});
  });

  it('stay texts when they are nothing of their kind', () => {
    const environment = { BULLPEN_SLOTS: 'many', BULLPEN_ENABLED: 'yes' };
    expect(readVariables(variables, environment)).toEqual({ slots: 'many', enabled: 'yes' });
  });

  it('may say where Redis is in JSON, which must be well-formed', () => {
    expect(readVariables(variables, { BULLPEN_REDIS: '{"port": 1}' })).toEqual({ redis: { port: 1 } });
    expect(() => readVariables(variables, { BULLPEN_REDIS: '{"port": ' })).toThrow(
      'BULLPEN_REDIS starts with a brace but is not valid JSON',
    );
  });
});
