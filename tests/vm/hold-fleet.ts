/**
 * Starts the servers of a fleet, prints their address as one line of JSON for BULLPEN_TEST_FLEET, and ends them when its standard input closes;
 * then tells what the worker warned of.
 * BULLPEN_TEST_RUNG says on which rung; arguments are settings of the worker: `BULLPEN_APPARMOR=required`.
 */
import { once } from 'node:events';
import { type FleetAddress, startServers } from '../support/servers.ts';

const settings = Object.fromEntries(
  process.argv.slice(2).map((word) => {
    const [name = '', ...value] = word.split('=');
    return [name, value.join('=')];
  }),
);
const { worker, redisSocket, runDir, boxes, close } = await startServers(settings);
const address: FleetAddress = { redisSocket, runDir, boxes, pid: worker.pid, workerId: worker.workerId };
process.stdout.write(`${JSON.stringify(address)}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
await close();
for (const line of worker.log) if (Number(line['level']) >= 40) console.error(JSON.stringify(line));
