import { chmodSync, chownSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:net';
import { type Child, type ChildEnding, startChild } from '../child-process.ts';
import { canAnybodyExecute } from './can-anybody-execute.ts';
import { makeTemporaryFolder } from './make-temporary-folder.ts';
import { removeStaleFolders } from './remove-stale-folders.ts';

/** A private Redis: on a unix socket in a private folder, without a port, gone when it is closed. */
export interface EmbeddedRedis {
  readonly socket: string;
  /** Resolves when it takes commands. Rejects with the server's own words when it does not come up; everything is removed then. */
  readonly ready: Promise<void>;
  /** Resolves when the server has ended, however. */
  readonly ended: Promise<ChildEnding>;
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

const socketName = 'redis.sock';
const startDeadlineMs = 20_000;
const endDeadlineMs = 2000;

/** Starts a server and resolves when it takes commands. Rejects with the server's own words when it does not come up. */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const redis = launchEmbeddedRedis(options);
  await redis.ready;
  return redis;
}

/** Starts a server and returns at once, so that it can be ended before it is ready. */
export function launchEmbeddedRedis({ program, owner }: EmbeddedRedisOptions): EmbeddedRedis {
  removeStaleFolders(tmpdir());
  const folder = makeTemporaryFolder(`bullpen-redis-${process.pid}-`, {
    socket: socketName,
    isForOthers: owner !== null,
  });
  // It stays our own, so that we can remove it also as a root that may not pass over permissions; the workers' user has it by its group.
  if (owner !== null) {
    chownSync(folder, -1, owner.gid);
    chmodSync(folder, 0o770);
  }
  const socket = join(folder, socketName);
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

  const close = createClose(child, socket, removeFolder);
  return {
    socket,
    ready: awaitReady(),
    ended: child.ended,
    close,
    kill() {
      child.kill('SIGKILL');
      removeFolder();
    },
  };

  async function awaitReady(): Promise<void> {
    const timer = new AbortController();
    const late = delay(startDeadlineMs, 'late' as const, { signal: timer.signal }).catch(() => 'late' as const);
    const outcome = await Promise.race([ready, child.ended, late]);
    timer.abort();
    if (outcome === 'ready') return;
    await close();
    const why =
      outcome === 'late' ? `was not ready within ${startDeadlineMs} ms` : (outcome.failure ?? 'ended at once');
    const words = lastWords.length === 0 ? '' : ` (its last words: ${lastWords.join(' | ')})`;
    throw new Error(`The private Redis (${program}) ${why}${words}: name a running one with --redis.`);
  }
}

/** Nothing of it is worth a disk, and nothing must be evicted: a lost key would be a lost job. */
function renderArguments(folder: string, socket: string): string[] {
  const settings = {
    port: '0',
    unixsocket: socket,
    // The folder says who may connect; by the socket's own permissions a root that may not pass over them could not.
    unixsocketperm: '777',
    dir: folder,
    appendonly: 'no',
    save: '',
    maxmemory: '1gb',
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

function createClose(child: Child, socket: string, removeFolder: () => void): () => Promise<void> {
  let closing: Promise<void> | null = null;
  return () => {
    closing ??= endServer(child, socket).then(removeFolder);
    return closing;
  };
}

/** It has nothing to save, so it need not be asked kindly, unless it is another user's and we may not send signals. */
async function endServer(child: Child, socket: string): Promise<void> {
  const timer = new AbortController();
  if (!child.kill('SIGKILL')) {
    const connection = connect(socket);
    connection.on('error', () => {}); // it has ended
    connection.end('SHUTDOWN NOSAVE\r\n');
  }
  // What stays has the kernel's order to end with us.
  await Promise.race([child.ended, delay(endDeadlineMs, undefined, { signal: timer.signal }).catch(() => {})]);
  timer.abort();
}
