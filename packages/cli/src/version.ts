import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version of this package, from its manifest, which lies beside the sources and beside a build. */
export function readVersion(): string {
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}
