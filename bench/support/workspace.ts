import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A private folder for what a benchmark builds; jails show it, so their users may read it. */
export interface Workspace {
  readonly folder: string;
  remove(): void;
}

export function makeWorkspace(): Workspace {
  const folder = mkdtempSync(join(tmpdir(), 'bullpen-bench-'));
  chmodSync(folder, 0o755);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
