import { readFileSync } from 'node:fs';
import { createCatalog, parseProfiles } from '@bullpen/profiles';
import { readGatewayConfig } from './config.ts';
import { runUntilStopped } from './run-until-stopped.ts';
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
  const stopped = runUntilStopped(gateway);
  // Signals are heard by now.
  process.stdout.write(`${JSON.stringify({ ready: true, listen: gateway.origin })}\n`);
  await stopped;
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
