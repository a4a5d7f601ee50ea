import { readFileSync } from 'node:fs';
import { createCatalog, parseProfiles } from '@bullpen/profiles';
import { readGatewayConfig } from './config.ts';
import { startGateway } from './start-gateway.ts';

/**
 * A gateway as a process of its own, configured by its environment. SIGTERM and SIGINT let running requests end, a second one does not; SIGHUP
 * reads the file of keys again. Exit code 0 after an orderly stop, 1 otherwise.
 */
async function main(): Promise<void> {
  const config = readGatewayConfig();
  const { profilesFile } = config;
  const operatorProfiles =
    profilesFile === null ? [] : parseProfiles(JSON.parse(readFileSync(profilesFile, 'utf8')), profilesFile);
  const gateway = await startGateway(config, { catalog: createCatalog(operatorProfiles) });
  process.stdout.write(`${JSON.stringify({ ready: true, listen: gateway.origin })}\n`);
  process.on('SIGHUP', () => gateway.reloadKeys());
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  let requests = 0;
  const hear = (): void => {
    requests += 1;
    if (requests > 1) process.exit(1);
    stop();
  };
  process.on('SIGTERM', hear);
  process.on('SIGINT', hear);
  await stopped;
  await gateway.close();
}

try {
  await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(
    `${JSON.stringify({ level: 60, msg: 'gateway ended', err: { message: error instanceof Error ? error.message : String(error) } })}\n`,
  );
  process.exit(1);
}
