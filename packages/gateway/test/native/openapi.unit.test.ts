import { describe, expect, it } from 'vitest';
import { problemKinds } from '../../src/http/problem.ts';
import { openApp } from '../support/open-app.ts';

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: object; readonly security: object }>>>
  >;
  readonly components: {
    readonly schemas: Readonly<Record<string, { readonly properties?: object }>>;
    readonly securitySchemes: object;
  };
}

const { ask } = openApp({ keys: [] });
const document = (await (await ask('/openapi.json')).json()) as Document;
const text = JSON.stringify(document);

describe('the OpenAPI document', () => {
  it('is of version 3.1', () => {
    expect(document.openapi).toBe('3.1.0');
  });

  it('has every route of /v1, each behind a key', () => {
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => {
        expect(operation.security).toEqual([{ apiKey: [] }]);
        expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['401', '403', '429', '503']));
        return `${method} ${path}`;
      }),
    );
    expect(operations.toSorted()).toEqual([
      'delete /v1/jobs/{id}',
      'get /v1/jobs/{id}',
      'get /v1/jobs/{id}/events',
      'get /v1/jobs/{id}/result',
      'get /v1/profiles',
      'post /v1/jobs',
    ]);
    expect(document.components.securitySchemes).toMatchObject({ apiKey: { type: 'http', scheme: 'bearer' } });
  });

  it.each([
    'Job',
    'Command',
    'Limits',
    'Accepted',
    'JobStatus',
    'Result',
    'CommandReport',
    'Outcome',
    'Output',
    'Receipt',
    'Profiles',
    'Problem',
  ])('names the shape %s', (name) => {
    expect(Object.keys(document.components.schemas)).toContain(name);
    if (name !== 'Profiles') expect(text).toContain(`"$ref":"#/components/schemas/${name}"`);
  });

  it('leads nowhere that is not there', () => {
    const targets = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name = '']) => name);
    expect(targets.filter((name) => document.components.schemas[name] === undefined)).toEqual([]);
  });

  it('takes a job without an id, and tells every problem', () => {
    expect(Object.keys(document.components.schemas['Job']?.properties ?? {})).not.toContain('id');
    for (const code of Object.keys(problemKinds)) expect(text).toContain(code);
  });
});

describe('the docs page', async () => {
  const response = await ask('/docs');
  const page = await response.text();

  it('shows every route and shape', () => {
    for (const path of Object.keys(document.paths)) expect(page).toContain(path);
    for (const name of Object.keys(document.components.schemas)) expect(page).toContain(`id="${name}"`);
  });

  it('loads and runs nothing', () => {
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; /);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page).not.toMatch(/<script|<link|<img|https?:\/\/|javascript:| on\w+=/i);
  });

  it('has the style that its policy allows', async () => {
    const [, style = ''] = /<style>([^]*)<\/style>/.exec(page) ?? [];
    const hash = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(style))).toString('base64');
    expect(response.headers.get('content-security-policy')).toContain(`'sha256-${hash}'`);
  });
});
