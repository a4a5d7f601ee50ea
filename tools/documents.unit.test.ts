import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errorCodes, notStartedReasons, outcomeSchema } from '@bullpen/protocol';
import { describe, expect, it } from 'vitest';
import { readGatewayConfig } from '../packages/gateway/src/config.ts';
import { readWorkerConfig } from '../packages/worker/src/config.ts';
import { repositoryRoot } from './source-files.ts';

const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8');

const documents = ['.', 'docs', 'docs/decisions'].flatMap((folder) =>
  readdirSync(join(repositoryRoot, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

describe.each(documents)('%s', (path) => {
  it('links only to what exists', () => {
    const targets = [...read(path).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, target = '']) => target);
    expect(targets.filter((target) => !existsSync(join(repositoryRoot, dirname(path), target)))).toEqual([]);
  });

  it('names only files of this repository that exist', () => {
    const named = [...read(path).matchAll(/`((?:docs|packages|tests|tools|examples|bench)\/[\w./-]+\.\w+)`/g)];
    expect(named.map(([, file = '']) => file).filter((file) => !existsSync(join(repositoryRoot, file)))).toEqual([]);
  });
});

describe('docs/README.md', () => {
  it.each(readdirSync(join(repositoryRoot, 'docs')).filter((name) => name !== 'README.md'))('leads to %s', (name) => {
    expect(read('docs/README.md')).toContain(`](${name}`);
  });
});

describe('docs/outcomes.md', () => {
  const text = read('docs/outcomes.md');
  const kinds = outcomeSchema.options.map((option) => option.shape.kind.value);

  it.each([...kinds, ...notStartedReasons, ...Object.keys(errorCodes)])('explains %s', (word) => {
    expect(text).toContain(`\`${word}\``);
  });

  it.each(Object.entries(errorCodes))('says whether %s is tried again and a fault', (code, { retry, fault }) => {
    const row = text.split('\n').find((line) => line.startsWith(`| \`${code}\` |`));
    expect(row?.split('|').slice(3, 5)).toEqual([retry, fault].map((is) => (is ? ' yes ' : ' no ')));
  });
});

describe('docs/operations.md', () => {
  const programs = ['packages/worker/src/config.ts', 'packages/gateway/src/config.ts'];
  const variables = programs.flatMap((path) => read(path).match(/BULLPEN_[A-Z_]+/g) ?? []);

  it.each([...new Set(variables)].filter((name) => !name.endsWith('_')))('explains %s', (variable) => {
    expect(read('docs/operations.md')).toContain(`\`${variable}\``);
  });
});

/** Numbers that settings have unless set, by variable. */
const defaultsOf = (path: string, config: object): [variable: string, value: number][] =>
  [...read(path).matchAll(/^ +(\w+): \['(BULLPEN_\w+)'/gm)].flatMap(([, setting = '', variable = '']) => {
    const value: unknown = Reflect.get(config, setting);
    return typeof value === 'number' && variable !== 'BULLPEN_SLOTS' ? [[variable, value]] : [];
  });

describe('docs/operations.md says what a setting is unless set', () => {
  const rows = read('docs/operations.md').split('\n');

  it.each([
    ...defaultsOf('packages/worker/src/config.ts', readWorkerConfig({})),
    ...defaultsOf('packages/gateway/src/config.ts', readGatewayConfig({}, {})),
  ])('%s: %d', (variable, value) => {
    const [, names = '', values = ''] =
      rows.find((row) => row.startsWith('|') && row.includes(`\`${variable}\``))?.split('|') ?? [];
    const place = [...names.matchAll(/`(\w+)`/g)].findIndex(([, name]) => name === variable);
    expect(values.split(', ')[place]?.trim()).toBe(`${value}`);
  });
});

describe('README.md', () => {
  it.each(['README.md', 'docs/client.md'])('shows examples/submit.ts as it is, in %s', (path) => {
    const program = read('examples/submit.ts').split('\n').slice(3).join('\n');
    expect(read(path)).toContain(program);
  });

  it('shows commands that exist', () => {
    const shown = [...read('README.md').matchAll(/\.\/bullpen ([a-z]+)/g)].map(([, command = '']) => command);
    expect(
      shown.filter((command) => !existsSync(join(repositoryRoot, `packages/cli/src/commands/${command}.ts`))),
    ).toEqual([]);
  });
});
