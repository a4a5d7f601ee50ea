import { loggableFields } from '@bullpen/protocol';
import { destination, type Logger, pino } from 'pino';
import type { GatewayConfig } from './config.ts';

export type { Logger } from 'pino';

/** The gateway's log, as JSON lines on standard error. No body, no key and nothing that a program wrote is ever logged. */
export function createLogger({ logLevel, queue }: Pick<GatewayConfig, 'logLevel' | 'queue'>): Logger {
  return pino(
    {
      level: logLevel,
      base: { gateway: process.pid, queue },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: (error: Error) => loggableFields(pino.stdSerializers.err(error)) },
    },
    destination({ dest: 2, sync: true }),
  );
}
