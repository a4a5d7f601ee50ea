import { describe, expect, it } from 'vitest';
import { readGatewayConfig } from '../src/config.ts';
import { startGateway } from '../src/start-gateway.ts';

describe('the configuration of a gateway', () => {
  it('is read from settings before the environment before the defaults', () => {
    const environment = { BULLPEN_HTTP_BACKLOG: '5', BULLPEN_HTTP_LISTEN: '[::1]:1', BULLPEN_QUEUE: '', HOME: '/root' };
    expect(readGatewayConfig({ listen: '127.0.0.1:2', queue: undefined }, environment)).toMatchObject({
      backlog: 5,
      listen: { host: '127.0.0.1', port: 2 },
      queue: 'bullpen',
      openDoors: [],
    });
  });

  it('listens on this machine alone and opens no door unless said', () => {
    expect(readGatewayConfig({}, {})).toMatchObject({ listen: { host: '127.0.0.1', port: 8580 }, openDoors: [] });
  });

  it('has its keys where the user has configuration', () => {
    expect(readGatewayConfig({}, { XDG_CONFIG_HOME: '/x' }).keysFile).toBe('/x/bullpen/http-keys.json');
    expect(readGatewayConfig({}, { BULLPEN_HTTP_KEYS: '/y' }).keysFile).toBe('/y');
  });

  it('reads doors and Redis of other kinds', () => {
    const environment = { BULLPEN_HTTP_OPEN_DOORS: 'codejail, codebox', BULLPEN_REDIS: '{"host":"r"}' };
    expect(readGatewayConfig({}, environment)).toMatchObject({
      openDoors: ['codejail', 'codebox'],
      redis: { host: 'r' },
    });
  });

  it.each([
    ['BULLPEN_HTTP_BACKLOG', 'many', 'BULLPEN_HTTP_BACKLOG is "many": must be a number.'],
    ['BULLPEN_HTTP_BACKLOG', '0', 'BULLPEN_HTTP_BACKLOG is 0: must be at least 1.'],
    ['BULLPEN_HTTP_BODY_BYTES', '67108865', 'BULLPEN_HTTP_BODY_BYTES is 67108865: must be at most 67108864.'],
    ['BULLPEN_HTTP_LISTEN', 'nowhere', 'BULLPEN_HTTP_LISTEN is "nowhere": must be HOST:PORT or [IPV6]:PORT.'],
    [
      'BULLPEN_HTTP_OPEN_DOORS',
      'codejail,front',
      'BULLPEN_HTTP_OPEN_DOORS is "codejail,front": must be a list of codejail, codebox',
    ],
    ['BULLPEN_REDIS', '{', 'BULLPEN_REDIS starts with a brace but is not valid JSON'],
  ])('refuses %s=%s with a sentence', (variable, value, sentence) => {
    expect(() => readGatewayConfig({}, { [variable]: value })).toThrow(sentence);
  });
});

it('a setting of the caller that is wrong is called by its own name', () => {
  expect(() => readGatewayConfig({ listen: '8580' }, { BULLPEN_HTTP_LISTEN: '[::1]:1' })).toThrow(
    'listen is "8580": must be HOST:PORT or [IPV6]:PORT.',
  );
});

describe('a gateway without keys', () => {
  it.each(['0.0.0.0:0', '[::]:0', '10.0.0.1:0'])('does not start at %s, which others reach', async (listen) => {
    const starting = startGateway(readGatewayConfig({ listen }, {}), { withoutKeys: true });
    await expect(starting).rejects.toThrow('Without keys only a loopback address can be listened on');
  });
});
