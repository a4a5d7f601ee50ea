import { createClient } from '@bullpen/client';
import { type Catalog, createCatalog } from '@bullpen/profiles';
import type { Logger } from 'pino';
import { createApp } from './app.ts';
import { codeboxSettings } from './codebox/index.ts';
import { codejailSettings } from './codejail/index.ts';
import type { GatewayConfig } from './config.ts';
import type { Access } from './http/guard.ts';
import { isLoopback } from './http/listen.ts';
import { createKeyRing, type KeyRing } from './keys/key-ring.ts';
import { readKeyFile } from './keys/key-file.ts';
import { watchKeyFile } from './keys/watch-key-file.ts';
import { createLogger } from './log.ts';
import { createMetrics } from './metrics.ts';
import { serve } from './serve.ts';

export interface GatewayOptions {
  /** The profiles of the fleet; the built-in ones unless said. */
  readonly catalog?: Catalog;
  /** Answers everybody on this machine's loopback interface without a key. For a fleet that somebody started to try it, never for others. */
  readonly withoutKeys?: boolean;
  readonly logger?: Logger;
}

/** A gateway that listens. */
export interface RunningGateway {
  /** For instance `http://127.0.0.1:8580`. */
  readonly origin: string;
  /** Takes the file of keys again. */
  reloadKeys(): void;
  /** Lets running requests end for up to `graceMs` (the configured grace unless said), then closes. Closing twice is fine. */
  close(graceMs?: number): Promise<void>;
}

/** Whoever waits at a socket hears soon of a Redis that is silent: sooner where it was asked for little. */
const exchangeMs = 5000;
const lookMs = 2000;

/** Starts a gateway. Rejects with a sentence when it has no keys to ask for, its address cannot be had, or codejail's policy is wrong. */
export async function startGateway(config: GatewayConfig, options: GatewayOptions = {}): Promise<RunningGateway> {
  const { catalog = createCatalog(), logger = createLogger(config) } = options;
  const access = openAccess(config, options.withoutKeys ?? false);
  const codejail = codejailSettings(config);
  const { redis: connection, queue, prefix, resultTtlMs } = config;
  const client = createClient({ connection, queue, prefix, catalog, resultTtlMs, exchangeMs });
  // Large results that are on their way to slow clients must not look like a Redis that is silent.
  const watcher = createClient({ connection, queue, prefix, catalog, exchangeMs: lookMs });
  const closeClients = async (): Promise<void> => void (await Promise.all([client.close(), watcher.close()]));
  let isStopping = false;
  const metrics = createMetrics();
  const { app, close: closeApp } = createApp(
    { client, logger, catalog },
    {
      ...config,
      access,
      metrics,
      codejail,
      codebox: codeboxSettings(config),
      readBacklog: () => watcher.backlog(),
      quotas: watcher.quotas,
      isOpen: () => !isStopping,
    },
  );
  const server = await serve(app, config).catch(async (error) => {
    await closeClients();
    throw error;
  });
  const keys = access.keys === null ? null : watchKeyFile(config.keysFile, access.keys, logger);
  metrics.watch('bullpen_http_connections', 'Connections that are open.', () => server.connections);
  logger.info({ listen: server.origin, keys: access.keys !== null, openDoors: config.openDoors }, 'gateway listens');

  async function closeAll(graceMs: number): Promise<void> {
    isStopping = true;
    keys?.close();
    closeApp();
    await server.close(graceMs);
    await closeClients();
    logger.info('gateway stopped');
  }
  let closing: Promise<void> | null = null;
  return {
    origin: server.origin,
    reloadKeys: () => keys?.reload(),
    close: (graceMs = config.drainGraceMs) => (closing ??= closeAll(graceMs)),
  };
}

/** Throws a sentence when there would be no key to ask for. */
function openAccess(config: GatewayConfig, withoutKeys: boolean): Access & { readonly keys: KeyRing | null } {
  if (withoutKeys) {
    if (isLoopback(config.listen.host)) return { keys: null, openDoors: [] };
    throw new Error(
      `Without keys only a loopback address can be listened on, not ${config.listen.host}: use 127.0.0.1, or \`bullpen gateway\` with keys.`,
    );
  }
  const keys = readKeyFile(config.keysFile);
  if (keys.length === 0) {
    throw new Error(
      `There are no API keys in ${config.keysFile}, and a gateway does not answer without: make one with \`bullpen keys add NAME\`.`,
    );
  }
  return { keys: createKeyRing(keys), openDoors: config.openDoors };
}
