import type { GatewayConfig } from '../config.ts';
import { type CodeboxOptions, largestBodyBytes } from './codebox-options.ts';

/** What the gateway's settings say about this door. */
export function codeboxSettings(config: GatewayConfig): CodeboxOptions {
  return {
    bodyBytes: Math.min(config.bodyBytes, largestBodyBytes),
    defaultTimeoutSeconds: config.codeboxTimeoutSeconds,
    queueWaitMs: config.codeboxQueueWaitMs,
  };
}
