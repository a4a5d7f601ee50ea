import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeKey, updateKeyFile } from '@bullpen/gateway';
import { makeWorkspace } from './workspace.ts';

/** A gateway in a process of its own, as `bullpen gateway` starts it, with one key. */
export interface BenchGateway {
  readonly port: number;
  /** What a client shows. */
  readonly authorization: string;
  close(): Promise<void>;
}

const program = fileURLToPath(new URL('../../packages/gateway/src/main.ts', import.meta.url));
const healthDeadlineMs = 30_000;

/** Resolves when every door answers. Rejects when the gateway ends before. */
export async function startBenchGateway(redis: string): Promise<BenchGateway> {
  const workspace = makeWorkspace();
  const keysFile = join(workspace.folder, 'keys.json');
  const { text, key } = makeKey({
    name: 'bench',
    scopes: ['jobs:submit', 'jobs:read', 'doors:codejail', 'doors:codebox'],
  });
  updateKeyFile(keysFile, () => [key]);
  const child = spawn(process.execPath, ['--conditions=@bullpen/source', program], {
    env: {
      ...process.env,
      BULLPEN_REDIS: redis,
      BULLPEN_HTTP_LISTEN: '127.0.0.1:0',
      BULLPEN_HTTP_KEYS: keysFile,
      // Its door of codejail-service is unhealthy until it has tried the fleet.
      BULLPEN_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    workspace.remove();
  };
  try {
    const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), ended]);
    if (typeof line !== 'string') throw new Error('The gateway ended before it listened.');
    const { listen } = JSON.parse(line) as { readonly listen: string };
    await untilHealthy(listen);
    return { port: Number(new URL(listen).port), authorization: `Bearer ${text}`, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The door of codejail-service answers only after it has tried the fleet. */
async function untilHealthy(origin: string): Promise<void> {
  const deadline = Date.now() + healthDeadlineMs;
  for (;;) {
    const { status } = await fetch(`${origin}/health/`);
    if (status === 200) return;
    if (Date.now() > deadline) throw new Error(`The gateway's health is ${status} after ${healthDeadlineMs} ms.`);
    await delay(50);
  }
}
