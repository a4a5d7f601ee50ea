import { readGatewayConfig, runUntilStopped, startGateway } from '@bullpen/gateway';
import { readCliConfig } from '../config.ts';
import { exitCodes } from '../exit-code.ts';
import { findFleet } from '../fleet/find-fleet.ts';
import { loadCatalog } from '../job/load-catalog.ts';
import { say } from '../output/write-all.ts';

export interface GatewayOptions {
  readonly listen?: string;
  readonly redis?: string;
  readonly profiles?: string;
  readonly keys?: string;
}

/** Runs a gateway until it is told to stop, with its log on stderr. */
export async function runGateway(options: GatewayOptions): Promise<number> {
  const { environment, ...config } = readCliConfig();
  const ofEnvironment = options.redis === undefined && (environment['BULLPEN_REDIS'] ?? '') !== '';
  const gatewayConfig = readGatewayConfig(
    {
      listen: options.listen,
      keysFile: options.keys,
      profilesFile: options.profiles,
      redis: ofEnvironment ? undefined : findFleet(options.redis, { environment, ...config }),
    },
    environment,
  );
  const catalog = await loadCatalog(gatewayConfig.profilesFile ?? undefined);
  const gateway = await startGateway(gatewayConfig, { catalog });
  const stopped = runUntilStopped(gateway);
  say(`listens on ${gateway.origin}, see ${gateway.origin}/docs`);
  await stopped;
  return exitCodes.success;
}
