import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A Redis Cluster of three masters on the loopback interface. */
export interface TestRedisCluster {
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  close(): Promise<void>;
}

/** Starts the cluster and resolves when all of its slots are served. */
export async function startRedisCluster(): Promise<TestRedisCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'bullpen-cluster-'));
  const ports = await Promise.all([findPort(), findPort(), findPort()]);
  const servers = await Promise.all(ports.map((port) => startNode(folder, port)));
  const nodes = ports.map((port) => ({ host: '127.0.0.1', port }));
  const addresses = nodes.map(({ host, port }) => `${host}:${port}`);
  await run('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-replicas', '0', '--cluster-yes']);
  await waitUntilServed(ports);
  return {
    nodes,
    async close() {
      await Promise.all(
        servers.map((server) => {
          server.kill('SIGKILL');
          return once(server, 'exit');
        }),
      );
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A port that was free a moment ago, low enough for the cluster's second port, which lies 10000 above. */
async function findPort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(20_000 + Math.floor(Math.random() * 10_000), '127.0.0.1');
    const listening = await Promise.race([
      once(server, 'listening').then(() => true),
      once(server, 'error').then(() => false),
    ]);
    if (!listening) continue;
    const address = server.address();
    server.close();
    await once(server, 'close');
    if (typeof address === 'object' && address !== null) return address.port;
  }
}

async function startNode(folder: string, port: number) {
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    'cluster-enabled': 'yes',
    'cluster-config-file': `nodes-${port}.conf`,
    'maxmemory-policy': 'noeviction',
  };
  const words = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const server = spawn('redis-server', words, { stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const line of createInterface({ input: server.stdout })) if (/eady to accept/.test(line)) break;
  server.stdout.resume();
  return server;
}

async function waitUntilServed(ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    for (let ok = false; !ok; ) {
      const { stdout } = await run('redis-cli', ['-p', String(port), 'cluster', 'info']);
      ok = stdout.includes('cluster_state:ok');
    }
  }
}
