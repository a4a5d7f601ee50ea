import { expect, it } from 'vitest';
import { packageOf, parseImports } from './parse-imports.ts';

const specifiers = (source: string): string[] => parseImports(source).map(({ specifier }) => specifier);

it('reads static imports of every shape', () => {
  expect(
    specifiers(
      `import a from 'a';\nimport { b } from "b";\nimport * as c from 'c';\nimport 'd';\nexport * from 'e';\nexport { f } from 'f';`,
    ),
  ).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

it('reads imports that span lines', () => {
  expect(specifiers(`import {\n  a,\n  b,\n} from './ab.ts';`)).toEqual(['./ab.ts']);
});

it('reads dynamic imports', () => {
  expect(specifiers(`const x = await import('./x.ts');`)).toEqual(['./x.ts']);
});

it('tells imports of types from imports of values', () => {
  expect(parseImports(`import type { A } from 'a';\nimport { type B, c } from 'b';`)).toEqual([
    { specifier: 'a', typeOnly: true },
    { specifier: 'b', typeOnly: false },
  ]);
});

it('leaves comments, exported values and plain strings alone', () => {
  expect(
    specifiers(
      `// import a from 'a';\n/* import b from 'b'; */\nexport const from = 'c';\nconst text = "import d from 'd'";`,
    ),
  ).toEqual([]);
});

it('names the package of a specifier', () => {
  expect(['zod/mini', '@bullpen/client/x', 'node:fs', './a.ts'].map(packageOf)).toEqual([
    'zod',
    '@bullpen/client',
    'node:fs',
    null,
  ]);
});
