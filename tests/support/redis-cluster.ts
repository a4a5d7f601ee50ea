import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { findPort } from './find-port.ts';

const run = promisify(execFile);

/** A Redis Cluster of three masters on the loopback interface. */
export interface TestRedisCluster {
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  close(): Promise<void>;
}

/** Starts the cluster and resolves when all of its slots are served. */
export async function startRedisCluster(): Promise<TestRedisCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'bullpen-cluster-'));
  // Each has a second one, 10000 above.
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
