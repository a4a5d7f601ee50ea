import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ApiKey,
  type GatewaySettings,
  type KeyWish,
  makeKey,
  readGatewayConfig,
  type RunningGateway,
  startGateway,
  updateKeyFile,
} from '@bullpen/gateway';

/** A gateway with keys of its own, spoken to through its socket. */
export interface NativeGateway {
  readonly running: RunningGateway;
  readonly port: number;
  /** One request with the key of this name, or without. */
  ask(key: string | null, path: string, init?: RequestInit): Promise<Response>;
  /** A request with a body of JSON. */
  post(key: string | null, path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
  textOf(key: string): string;
  /** Adds keys to the file, as `bullpen keys add` does. */
  addKeys(...wishes: readonly KeyWish[]): void;
  revoke(key: string): void;
  close(): Promise<void>;
}

/** Starts a gateway on a free port of the loopback interface; `settings` are those of `readGatewayConfig`. */
export async function startNativeGateway(
  redis: string,
  keys: readonly KeyWish[],
  settings: Partial<GatewaySettings> = {},
): Promise<NativeGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'bullpen-keys-'));
  const keysFile = join(folder, 'keys.json');
  const texts = new Map<string, string>();
  const edit = (change: (keys: readonly ApiKey[]) => readonly ApiKey[]): void => updateKeyFile(keysFile, change);
  const addKeys = (...wishes: readonly KeyWish[]): void => {
    const made = wishes.map((wish) => makeKey(wish));
    for (const { key, text } of made) texts.set(key.name, text);
    edit((earlier) => [...earlier, ...made.map(({ key }) => key)]);
  };
  addKeys(...keys);
  const given = { redis, keysFile, listen: '127.0.0.1:0', logLevel: 'error', codejail: 'off', ...settings } as const;
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const running = await startGateway(readGatewayConfig(given, {})).catch((error: unknown) => {
    remove();
    throw error;
  });
  const textOf = (key: string): string => texts.get(key) ?? '';
  const ask: NativeGateway['ask'] = (key, path, init = {}) => {
    const headers = new Headers(init.headers);
    if (key !== null) headers.set('authorization', `Bearer ${textOf(key)}`);
    return fetch(`${running.origin}${path}`, { ...init, headers });
  };
  return {
    running,
    port: Number(new URL(running.origin).port),
    ask,
    post: (key, path, body, headers = {}) =>
      ask(key, path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    textOf,
    addKeys,
    revoke: (name) => edit((earlier) => earlier.filter((key) => key.name !== name)),
    async close() {
      await running.close(0);
      remove();
    },
  };
}

/** A job of one shell script. */
export function shellJob(script: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { profile: 'bash', commands: [{ argv: ['bash', '-c', script] }], ...more };
}
