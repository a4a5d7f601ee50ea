/** As much of JSON Schema as the document has. */
export interface ShownSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, ShownSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | ShownSchema;
  readonly items?: ShownSchema;
  readonly oneOf?: readonly ShownSchema[];
  readonly anyOf?: readonly ShownSchema[];
  readonly allOf?: readonly ShownSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly default?: unknown;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that HTML shows as it is. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** A schema as people write types, in HTML; names of other schemas lead to them. */
export function renderSchema(schema: ShownSchema, indent = ''): string {
  const { $ref } = schema;
  if ($ref !== undefined) return renderReference($ref);
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices !== undefined) return choices.map((choice) => renderSchema(choice, indent)).join(' <i>or</i> ');
  if (schema.allOf !== undefined) return schema.allOf.map((part) => renderSchema(part, indent)).join(' <i>and</i> ');
  if (schema.enum !== undefined) return schema.enum.map(renderValue).join(' | ');
  if (schema.const !== undefined) return renderValue(schema.const);
  if (schema.properties !== undefined) return renderObject(schema, indent);
  if (schema.items !== undefined) return `[ ${renderSchema(schema.items, indent)} ]${renderBounds(schema)}`;
  if (typeof schema.additionalProperties === 'object')
    return `{ <i>any name</i>: ${renderSchema(schema.additionalProperties, indent)} }`;
  const type = typeof schema.type === 'string' ? schema.type : (schema.type?.join(' or ') ?? 'anything');
  return `${escapeHtml(type)}${renderBounds(schema)}`;
}

function renderReference($ref: string): string {
  const name = escapeHtml($ref.split('/').at(-1) ?? '');
  return `<a href="#${name}">${name}</a>`;
}

function renderObject({ properties = {}, required = [] }: ShownSchema, indent: string): string {
  const inner = `${indent}  `;
  const lines = Object.entries(properties).map(([name, schema]) => {
    const mark = required.includes(name) ? '' : '?';
    const note = schema.description === undefined ? '' : `  <em>${escapeHtml(schema.description)}</em>`;
    return `${inner}<b>${escapeHtml(name)}</b>${mark}: ${renderSchema(schema, inner)}${note}`;
  });
  return lines.length === 0 ? '{}' : `{\n${lines.join('\n')}\n${indent}}`;
}

function renderBounds(schema: ShownSchema): string {
  const { minimum, maximum, minItems, maxItems, maxLength, pattern } = schema;
  const words = [
    range(minimum, maximum, ''),
    range(minItems, maxItems, ' items'),
    range(undefined, maxLength, ' characters'),
    pattern === undefined ? '' : escapeHtml(pattern),
    schema.default === undefined ? '' : `unless said ${renderValue(schema.default)}`,
  ].filter((word) => word !== '');
  return words.length === 0 ? '' : ` <small>(${words.join('; ')})</small>`;
}

function range(least: number | undefined, most: number | undefined, unit: string): string {
  if (most === undefined) return least === undefined ? '' : `${least} or more${unit}`;
  return least === undefined ? `at most ${most}${unit}` : `${least} to ${most}${unit}`;
}

function renderValue(value: unknown): string {
  return escapeHtml(JSON.stringify(value) ?? '');
}
