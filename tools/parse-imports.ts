/** One import, export-from or dynamic import of a TypeScript file. */
export interface ImportStatement {
  readonly specifier: string;
  /** The whole statement is `import type` or `export type`: nothing of it exists at run time. */
  readonly typeOnly: boolean;
}

const statement = /^\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;
const dynamic = /\bimport\(\s*['"]([^'"]+)['"]/g;
const comments = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

/**
 * The imports of a source text in order, static ones first. Reads the shapes that the formatter leaves
 * (a statement starts its line), which is enough for our own sources and needs no compiler.
 */
export function parseImports(source: string): ImportStatement[] {
  const code = source.replace(comments, '');
  return [
    ...[...code.matchAll(statement)].map(([, type, specifier]) => ({
      specifier: specifier ?? '',
      typeOnly: type !== undefined,
    })),
    ...[...code.matchAll(dynamic)].map(([, specifier]) => ({ specifier: specifier ?? '', typeOnly: false })),
  ];
}

/** The package that a bare specifier names: `zod/mini` is `zod`, `@bullpen/client/x` is `@bullpen/client`; null for relative ones. */
export function packageOf(specifier: string): string | null {
  if (specifier.startsWith('.') || specifier.startsWith('/')) return null;
  if (specifier.startsWith('node:')) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
