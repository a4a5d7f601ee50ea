import type { RunningGateway } from './start-gateway.ts';

/**
 * Runs a gateway until this process is told to stop: SIGTERM and SIGINT let running requests end, a second one ends the process with exit
 * code 1. SIGHUP reads the file of keys again.
 */
export async function runUntilStopped(gateway: RunningGateway): Promise<void> {
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  let requests = 0;
  const hear = (): void => {
    requests += 1;
    if (requests > 1) process.exit(1);
    stop();
  };
  process.on('SIGHUP', () => gateway.reloadKeys());
  process.on('SIGTERM', hear);
  process.on('SIGINT', hear);
  await stopped;
  await gateway.close();
}
