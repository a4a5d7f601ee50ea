import type { Client } from '@bullpen/client';
import { createCatalog } from '@bullpen/profiles';
import { pino } from 'pino';
import { createApp } from '../../src/app.ts';
import { readGatewayConfig } from '../../src/config.ts';
import type { DoorName } from '../../src/door-names.ts';
import { createKeyRing } from '../../src/keys/key-ring.ts';
import { type KeyWish, makeKey } from '../../src/keys/make-key.ts';

/** The gateway's app without sockets. */
export interface OpenApp {
  /** One request; `key` names one of the keys. */
  ask(path: string, init?: RequestInit & { readonly key?: string }): Promise<Response>;
  /** The lines of its log. */
  readonly log: Readonly<Record<string, unknown>>[];
  /** The text of a key. */
  textOf(key: string): string;
}

export interface OpenAppOptions {
  /** Null answers everybody. */
  readonly keys?: readonly KeyWish[] | null;
  readonly openDoors?: readonly DoorName[];
  readonly client?: Partial<Client>;
  readonly settings?: Parameters<typeof readGatewayConfig>[0];
}

/** A client whose every call fails as if Redis were away, but for those that are given. */
function makeClient(calls: Partial<Client>): Client {
  const away = (): never => {
    throw new Error('This test asks for nothing behind the gateway.');
  };
  return new Proxy(calls as Client, { get: (target, name) => Reflect.get(target, name) ?? away });
}

export function openApp({ keys = null, openDoors = [], client = {}, settings = {} }: OpenAppOptions = {}): OpenApp {
  const made = keys?.map((wish) => makeKey(wish)) ?? [];
  const texts = new Map(made.map(({ key, text }) => [key.name, text]));
  const log: Record<string, unknown>[] = [];
  const logger = pino(
    { level: 'trace' },
    { write: (line) => void log.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const { bodyBytes, bodiesBytes, backlog, streams, streamsPerKey } = readGatewayConfig(settings, {});
  const { app } = createApp(
    { client: makeClient(client), logger, catalog: createCatalog() },
    {
      bodyBytes,
      bodiesBytes,
      backlog,
      streams,
      streamsPerKey,
      access: { keys: keys === null ? null : createKeyRing(made.map(({ key }) => key)), openDoors },
      isOpen: () => true,
    },
  );
  return {
    log,
    textOf: (key) => texts.get(key) ?? '',
    async ask(path, { key, ...init } = {}) {
      const headers = new Headers(init.headers);
      if (key !== undefined) headers.set('authorization', `Bearer ${texts.get(key) ?? key}`);
      return app.request(`http://127.0.0.1:8580${path}`, { ...init, headers });
    },
  };
}

/** A body of JSON for `ask`. */
export function jsonOf(value: unknown): RequestInit {
  return { method: 'POST', body: JSON.stringify(value), headers: { 'content-type': 'application/json' } };
}
