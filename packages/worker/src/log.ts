import { loggableFields } from '@bullpen/protocol';
import { destination, type Logger, pino } from 'pino';
import type { WorkerConfig } from './config.ts';

export type { Logger } from 'pino';

/**
 * The worker's log, as JSON lines on standard error. Writing is synchronous, so that the last lines of a crash are there.
 * Nothing that a program wrote and no file of a job is ever logged: only ids, sizes, kinds and durations.
 */
export function createLogger(config: Pick<WorkerConfig, 'logLevel' | 'workerId' | 'queue'>): Logger {
  return pino(
    {
      level: config.logLevel,
      base: { worker: config.workerId, queue: config.queue },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: (error: Error) => loggableFields(pino.stdSerializers.err(error)) },
    },
    destination({ dest: 2, sync: true }),
  );
}
