import type { Doubt, Result } from '@bullpen/protocol';
import { expect, test } from 'vitest';
import type { ProducerConnection } from '../src/connection.ts';
import { createResultStore } from '../src/result-store.ts';

const result: Result = {
  jobId: 'j1',
  profile: 'bash',
  state: 'finished',
  commands: [],
  files: [],
  labels: {},
  receipt: {
    layers: [],
    profile: { name: 'bash', version: 1, digest: 'd' },
    toolchain: 'bash',
    jailer: '1',
    kernel: '6',
    worker: 'w1',
    slot: 0,
    uid: 5000,
    provenAt: 90,
  },
  attempt: 1,
  submittedAt: 95,
  startedAt: 96,
  finishedAt: 100,
};
const doubt: Doubt = { worker: 'w1', slot: 0, since: 90, until: 110, probe: 'sockets', expiresAt: 9999 };

/** A store over these keys, and how often it asked for them. */
function makeStore(keys: Readonly<Record<string, string>>) {
  const asked: string[][] = [];
  const redis = {
    async mget(names: string[]) {
      asked.push(names);
      return names.map((name) => keys[name] ?? null);
    },
  };
  const connection = { redis } as unknown as ProducerConnection;
  return { store: createResultStore({ connection, keyOf: (id) => `r:${id}`, doubtsKey: 'doubts', ttlMs: 1 }), asked };
}

test('results and doubts about them are asked for at once', async () => {
  const { store, asked } = makeStore({ 'r:j1': JSON.stringify(result), doubts: JSON.stringify([doubt]) });
  expect(await store.read(['j0', 'j1'])).toEqual([null, { ...result, doubtful: { since: 90, probe: 'sockets' } }]);
  expect(asked).toEqual([['doubts', 'r:j0', 'r:j1']]);
});

test('nothing is in doubt where nobody says so, whatever was stored with the result', async () => {
  const claimed = { ...result, doubtful: { since: 1, probe: 'a forged one' } };
  for (const doubts of ['', 'nonsense', '[{}]', JSON.stringify([{ ...doubt, worker: 'w2' }])]) {
    const { store } = makeStore({ 'r:j1': JSON.stringify(claimed), doubts });
    expect(await store.read(['j1'])).toEqual([result]);
  }
});

test('asking for nothing asks nobody', async () => {
  const { store, asked } = makeStore({});
  expect(await store.read([])).toEqual([]);
  expect(asked).toEqual([]);
});
