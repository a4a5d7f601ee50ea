import { chownSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Child, startChild } from '../child-process.ts';
import { canAnybodyExecute } from './can-anybody-execute.ts';

/** A private Redis: on a unix socket in a private folder, without a port, gone when it is closed. */
export interface EmbeddedRedis {
  readonly socket: string;
  /** Ends the server and removes its folder. Closing twice is fine. */
  close(): Promise<void>;
  /** Ends it without waiting, for a process that exits right after. */
  kill(): void;
}

export interface EmbeddedRedisOptions {
  /** Path of redis-server or valkey-server. */
  readonly program: string;
  /** Who may connect besides root: the user that a worker started by root becomes. Null when the workers keep our own user. */
  readonly owner: { readonly uid: number; readonly gid: number } | null;
}

const startDeadlineMs = 5000;

/** Starts a server and resolves when it takes commands. Rejects with the server's own words when it does not come up. */
export async function startEmbeddedRedis({ program, owner }: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  // mkdtemp makes the folder with mode 0700; its short name keeps the socket's path below the 108 bytes that the kernel takes.
  const folder = mkdtempSync(join(tmpdir(), 'bullpen-redis-'));
  if (owner !== null) chownSync(folder, owner.uid, owner.gid);
  const socket = join(folder, 'redis.sock');
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });

  // Root's server would obey whoever reaches the socket, so it becomes the workers' user. Below a private folder of root that user could
  // not start it; then it stays root, and Redis's own protection of CONFIG, DEBUG and MODULE has to do.
  const identity = owner !== null && canAnybodyExecute(realpathSync(program)) ? owner : undefined;
  const lastWords: string[] = [];
  let announceReady = (): void => {};
  const ready = new Promise<'ready'>((resolve) => {
    announceReady = () => resolve('ready');
  });
  const hear = (line: string): void => {
    lastWords.splice(0, Math.max(0, lastWords.length - 4));
    lastWords.push(line);
    // Redis 7: "The server is now ready to accept connections"; Valkey and Redis 8: "Ready to accept connections".
    if (/eady to accept/.test(line)) announceReady();
  };
  const child = startChild(program, renderArguments(folder, socket), {
    env: { PATH: '/usr/bin:/bin', LANG: 'C' },
    cwd: '/',
    identity,
    ownGroup: true,
    diesWithUs: true,
    stdout: hear,
    stderr: hear,
  });

  const timer = new AbortController();
  const outcome = await Promise.race([
    ready,
    child.ended,
    delay(startDeadlineMs, 'late' as const, { signal: timer.signal }),
  ]);
  timer.abort();
  if (outcome !== 'ready') {
    await endServer(child);
    removeFolder();
    const why =
      outcome === 'late' ? `was not ready within ${startDeadlineMs} ms` : (outcome.failure ?? 'ended at once');
    throw new Error(`The private Redis (${program}) ${why}: ${lastWords.join(' | ')}`);
  }
  return {
    socket,
    close: createClose(child, removeFolder),
    kill() {
      child.kill('SIGKILL');
      removeFolder();
    },
  };
}

/** Nothing of it is worth a disk, and nothing must be evicted: a lost key would be a lost job. */
function renderArguments(folder: string, socket: string): string[] {
  const settings = {
    port: '0',
    unixsocket: socket,
    unixsocketperm: '700',
    dir: folder,
    appendonly: 'no',
    save: '',
    maxmemory: '1gb',
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

function createClose(child: Child, removeFolder: () => void): () => Promise<void> {
  let closing: Promise<void> | null = null;
  return () => {
    closing ??= endServer(child).then(removeFolder);
    return closing;
  };
}

/** It has nothing to save, so it need not be asked kindly. */
async function endServer(child: Child): Promise<void> {
  child.kill('SIGKILL');
  await child.ended;
}
