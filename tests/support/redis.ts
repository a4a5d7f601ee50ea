import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A private Redis on a unix socket, with an append-only file, so that a test may kill it and start it again. */
export interface TestRedis {
  readonly socket: string;
  /** Ends it as a power failure would; what it wrote stays. */
  kill(): Promise<void>;
  /** Starts it again after `kill`. */
  start(): Promise<void>;
  /** Stops the process's work without ending it, and the other way round. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Ends it and removes its folder. */
  close(): Promise<void>;
}

export interface TestRedisOptions {
  /** `always` syncs each write to the file, for tests that kill the server and then count. */
  readonly appendFsync?: 'always' | 'everysec';
}

const program = '/usr/bin/redis-server';

/** Starts a Redis and resolves when it takes commands. Its folder and socket are open to others, since workers give up root's rights. */
export async function startRedis({ appendFsync = 'everysec' }: TestRedisOptions = {}): Promise<TestRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'bullpen-test-'));
  chmodSync(folder, 0o711);
  const socket = join(folder, 'redis.sock');
  let server: ChildProcess | null = null;

  async function start(): Promise<void> {
    server = spawn(program, renderArguments(folder, socket, appendFsync), { stdio: ['ignore', 'pipe', 'ignore'] });
    await announcesReadiness(server);
  }

  async function kill(): Promise<void> {
    if (server === null || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  }

  await start();
  return {
    socket,
    start,
    kill,
    signal: (signal) => void server?.kill(signal),
    async close() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function renderArguments(folder: string, socket: string, appendFsync: string): string[] {
  const settings = {
    port: '0',
    unixsocket: socket,
    unixsocketperm: '777',
    dir: folder,
    appendonly: 'yes',
    appendfsync: appendFsync,
    maxmemory: '512mb',
    'maxmemory-policy': 'noeviction',
    save: '',
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

async function announcesReadiness(server: ChildProcess): Promise<void> {
  const said: string[] = [];
  if (server.stdout === null) throw new Error('The Redis of the test has no standard output.');
  for await (const line of createInterface({ input: server.stdout })) {
    said.push(line);
    if (!/eady to accept/.test(line)) continue;
    server.stdout.resume(); // nobody reads the rest, and a full pipe would stop the server
    return;
  }
  throw new Error(`The Redis of the test did not start: ${said.slice(-3).join(' | ')}`);
}
