import { expect, test } from 'vitest';
import { codeboxSettings } from '../../src/codebox/index.ts';
import { readGatewayConfig } from '../../src/config.ts';

test('the settings of the gateway become those of the door, whose bodies are smaller', () => {
  expect(codeboxSettings(readGatewayConfig({}, {}))).toEqual({
    bodyBytes: 16_777_216,
    defaultTimeoutSeconds: 0.2,
    queueWaitMs: 30_000,
  });
  const environment = {
    BULLPEN_HTTP_BODY_BYTES: '2048',
    BULLPEN_HTTP_CODEBOX_TIMEOUT: '1.5',
    BULLPEN_HTTP_CODEBOX_QUEUE_WAIT_MS: '500',
  };
  expect(codeboxSettings(readGatewayConfig({}, environment))).toEqual({
    bodyBytes: 2048,
    defaultTimeoutSeconds: 1.5,
    queueWaitMs: 500,
  });
});
