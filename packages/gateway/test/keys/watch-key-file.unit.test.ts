import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, it, onTestFinished, vi } from 'vitest';
import { updateKeyFile } from '../../src/keys/key-file.ts';
import { createKeyRing } from '../../src/keys/key-ring.ts';
import { makeKey } from '../../src/keys/make-key.ts';
import { watchKeyFile } from '../../src/keys/watch-key-file.ts';

const { key, text } = makeKey({ name: 'one', scopes: [] });

function open() {
  const folder = mkdtempSync(join(tmpdir(), 'bullpen-keys-'));
  const path = join(folder, 'keys.json');
  updateKeyFile(path, () => [key]);
  const ring = createKeyRing([key]);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const watch = watchKeyFile(path, ring, pino({ level: 'silent' }), 60_000);
  onTestFinished(() => {
    watch.close();
    vi.useRealTimers();
    rmSync(folder, { recursive: true });
  });
  return { path, ring, watch };
}

it('a file of keys in the middle of an edit leaves the keys as they were', () => {
  const { path, ring, watch } = open();
  writeFileSync(path, '{');
  watch.reload();
  vi.advanceTimersByTime(59_000);
  expect(ring.find(text)).not.toBeNull();
  writeFileSync(path, JSON.stringify({ v: 1, keys: [key] }));
  watch.reload();
  vi.advanceTimersByTime(60_000);
  expect(ring.find(text)).not.toBeNull();
});

it('a file of keys that stays unreadable leaves none', () => {
  const { path, ring, watch } = open();
  writeFileSync(path, '{');
  watch.reload();
  watch.reload();
  vi.advanceTimersByTime(60_000);
  expect(ring.find(text)).toBeNull();
});

it('a file of keys that is gone has none', () => {
  const { path, ring, watch } = open();
  rmSync(path);
  watch.reload();
  expect(ring.find(text)).toBeNull();
});
