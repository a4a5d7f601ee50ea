import { createHash } from 'node:crypto';
import type { Handler } from 'hono';
import type { OpenApiDocument } from './openapi.ts';
import { escapeHtml, renderSchema, type ShownSchema } from './render-schema.ts';

const style = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); }
h3 { margin: 2rem 0 .3rem; } h3 code { font-size: 1.1rem; }
pre { background: var(--soft); padding: .8rem; overflow-x: auto; font-size: .85rem; white-space: pre-wrap; }
em, small { opacity: .7; font-style: normal; }
table { border-collapse: collapse; width: 100%; } td { border-top: 1px solid var(--line); padding: .3rem .6rem .3rem 0; vertical-align: top; }
`;

const styleHash = createHash('sha256').update(style).digest('base64');
/** Nothing is loaded, run, framed or sent from this page. */
const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** The document as one page for people, made once. */
export function serveDocs(document: OpenApiDocument): Handler {
  const page = renderDocs(document);
  return (c) =>
    c.html(page, 200, {
      'content-security-policy': policy,
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
    });
}

interface ShownOperation {
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly description?: string;
    readonly schema?: ShownSchema;
  }[];
  readonly requestBody?: { readonly content?: ShownContent };
  readonly responses?: Readonly<Record<string, { readonly description: string; readonly content?: ShownContent }>>;
}
type ShownContent = Readonly<Record<string, { readonly schema?: ShownSchema }>>;

function renderDocs(document: OpenApiDocument): string {
  const { info, paths = {}, components = {} } = document;
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, ShownOperation>).map(([method, operation]) =>
      renderOperation(method, path, operation),
    ),
  );
  const schemas = Object.entries(components.schemas ?? {}).map(
    ([name, schema]) =>
      `<h3 id="${escapeHtml(name)}">${escapeHtml(name)}</h3><pre>${renderSchema(schema as ShownSchema)}</pre>`,
  );
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    `<title>${escapeHtml(info.title)}</title><style>${style}</style>`,
    `<h1>${escapeHtml(info.title)}</h1>${renderText(info.description)}`,
    '<p>For machines: <a href="/openapi.json">openapi.json</a>. Every route needs <code>Authorization: Bearer bp_NAME_SECRET</code>.</p>',
    `<h2>Routes</h2>${operations.join('')}<h2>Shapes</h2>${schemas.join('')}</html>\n`,
  ].join('');
}

function renderOperation(method: string, path: string, operation: ShownOperation): string {
  const { summary = '', description, parameters = [], requestBody, responses = {} } = operation;
  const rows = [
    ...parameters.map((each) => [
      `${each.in} <b>${escapeHtml(each.name)}</b>`,
      escapeHtml(each.description ?? each.schema?.description ?? ''),
    ]),
    ...(requestBody === undefined ? [] : [['body', renderContent(requestBody.content)]]),
    ...Object.entries(responses).map(([status, answer]) => [
      `<b>${escapeHtml(status)}</b>`,
      `${renderInline(answer.description)} ${renderContent(answer.content)}`,
    ]),
  ];
  const table = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('');
  return `<h3><code>${escapeHtml(method.toUpperCase())} ${escapeHtml(path)}</code></h3><p>${escapeHtml(summary)}.</p>${renderText(description)}<table>${table}</table>`;
}

function renderContent(content: ShownContent = {}): string {
  return Object.entries(content)
    .map(
      ([type, { schema }]) =>
        `<small>${escapeHtml(type)}</small> ${schema?.$ref === undefined ? '' : renderSchema(schema)}`,
    )
    .join(', ');
}

function renderText(text = ''): string {
  return text
    .split('\n\n')
    .map((paragraph) => `<p>${renderInline(paragraph)}</p>`)
    .join('');
}

/** Text with `code` in it. */
function renderInline(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}
