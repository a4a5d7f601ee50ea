import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A source file of this repository: its path from the root with forward slashes, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export const repositoryRoot = join(import.meta.dirname, '..');

const folders = ['packages', 'tools', 'tests', 'bench', 'examples', 'deploy', '.ci'];
const skipped = new Set(['node_modules', 'dist', 'generated']);

/** Every file below the folders of sources whose path the pattern matches; installed, built and generated files are left out. */
export function listSourceFiles(pattern: RegExp): SourceFile[] {
  return folders
    .flatMap((folder) => walk(folder))
    .filter((path) => pattern.test(path))
    .map((path) => ({ path, text: readFileSync(join(repositoryRoot, path), 'utf8') }));
}

function walk(folder: string): string[] {
  if (!existsSync(join(repositoryRoot, folder))) return [];
  return readdirSync(join(repositoryRoot, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return skipped.has(entry.name) || entry.name.startsWith('build') ? [] : walk(path);
    return entry.isFile() ? [path] : [];
  });
}
