import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findCycle } from './find-cycle.ts';
import { packageOf, parseImports } from './parse-imports.ts';
import { listSourceFiles, repositoryRoot, type SourceFile } from './source-files.ts';
import { doors, emptyWords, maximumLines, packageRules } from './structure-rules.ts';

const typescript = listSourceFiles(/\.ts$/);
const native = listSourceFiles(/\.[ch]$/);

const sourcesOf = (name: string): SourceFile[] =>
  typescript.filter((file) => file.path.startsWith(`packages/${name}/${packageRules[name]?.sources}/`));

const importersOf = (name: string, modules: readonly string[]): string[] =>
  sourcesOf(name)
    .filter((file) =>
      parseImports(file.text).some((statement) => modules.includes(packageOf(statement.specifier) ?? '')),
    )
    .map((file) => file.path);

describe.each(Object.entries(packageRules))('packages/%s', (name, rule) => {
  it('imports only what its place in the direction of dependence allows', () => {
    const forbidden = sourcesOf(name).flatMap((file) =>
      parseImports(file.text)
        .filter(({ specifier, typeOnly }) => {
          const wanted = packageOf(specifier);
          if (wanted === null || wanted.startsWith('node:')) return false;
          return !rule.imports.includes(wanted) && !(typeOnly && rule.types?.includes(wanted));
        })
        .map(({ specifier }) => `${file.path} imports ${specifier}`),
    );
    expect(forbidden).toEqual([]);
  });

  it('declares every package that it imports', () => {
    const manifest: unknown = JSON.parse(readFileSync(join(repositoryRoot, 'packages', name, 'package.json'), 'utf8'));
    const declared = Object.keys((manifest as { dependencies?: Record<string, string> }).dependencies ?? {});
    const imported = sourcesOf(name).flatMap((file) =>
      parseImports(file.text).map(({ specifier }) => packageOf(specifier)),
    );
    expect(
      imported.filter((wanted) => wanted !== null && !wanted.startsWith('node:') && !declared.includes(wanted)),
    ).toEqual([]);
  });

  it('reaches other packages by their name, never by a path', () => {
    const strays = sourcesOf(name).flatMap((file) =>
      parseImports(file.text)
        .filter(({ specifier }) => specifier.startsWith('.'))
        .filter(({ specifier }) => !join(dirname(file.path), specifier).startsWith(`packages/${name}/`))
        .map(({ specifier }) => `${file.path} imports ${specifier}`),
    );
    expect(strays).toEqual([]);
  });

  it('reads process.env in config.ts only', () => {
    const readers = sourcesOf(name).filter((file) => /\bprocess\.env\b/.test(file.text));
    expect(readers.map((file) => basename(file.path)).filter((file) => file !== 'config.ts')).toEqual([]);
    expect(readers.length).toBeLessThanOrEqual(1);
  });
});

describe.each(doors)('the door of $modules', ({ modules, packages }) => {
  it.each(Object.keys(packageRules))('has at most one file in %s, and none where it is not allowed', (name) => {
    expect(importersOf(name, modules)).toHaveLength(
      packages.includes(name) ? Math.min(1, importersOf(name, modules).length) : 0,
    );
  });
});

describe('all sources', () => {
  it('have no import cycle between files', () => {
    const graph = new Map(
      typescript.map((file) => [
        file.path,
        parseImports(file.text)
          .filter(({ specifier }) => specifier.startsWith('.'))
          .map(({ specifier }) => join(dirname(file.path), specifier)),
      ]),
    );
    expect(findCycle(graph)?.join(' -> ') ?? 'none').toBe('none');
  });

  it(`stay under ${maximumLines.ts} lines in TypeScript and ${maximumLines.c} in C`, () => {
    const lines = (file: SourceFile): number => file.text.split('\n').length - 1;
    const long = [
      ...typescript.filter((file) => lines(file) > maximumLines.ts),
      ...native.filter((file) => lines(file) > maximumLines.c),
    ];
    expect(long.map((file) => `${file.path} has ${lines(file)} lines`)).toEqual([]);
  });

  it('have names in kebab-case (snake_case is allowed in C)', () => {
    const wrong = [
      ...typescript.filter((file) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.(unit|int))?(\.test)?\.ts$/.test(basename(file.path))),
      ...native.filter((file) => !/^[a-z0-9]+([-_][a-z0-9]+)*\.[ch]$/.test(basename(file.path))),
    ];
    expect(wrong.map((file) => file.path)).toEqual([]);
  });

  it('have names that say what is inside', () => {
    const empty = [...typescript, ...native].filter((file) =>
      file.path.split(/[/._-]/).some((word) => emptyWords.includes(word)),
    );
    expect(empty.map((file) => file.path)).toEqual([]);
  });

  it('import relative files with their extension', () => {
    const bare = typescript.flatMap((file) =>
      parseImports(file.text)
        .filter(({ specifier }) => specifier.startsWith('.') && !/\.(ts|json)$/.test(specifier))
        .map(({ specifier }) => `${file.path} imports ${specifier}`),
    );
    expect(bare).toEqual([]);
  });
});
