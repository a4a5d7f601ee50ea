import type { GatewayConfig } from '../config.ts';
import type { CodeboxOptions } from './codebox-options.ts';

/** What the gateway's settings say about this door. */
export function codeboxSettings(config: GatewayConfig): CodeboxOptions {
  return {
    bodyBytes: config.bodyBytes,
    defaultTimeoutSeconds: config.codeboxTimeoutSeconds,
    queueWaitMs: config.codeboxQueueWaitMs,
  };
}
