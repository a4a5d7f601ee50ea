/** A Content-Type header taken apart; type and parameter names in small letters. */
export interface MediaType {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const parameter = /;[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*("(?:[^"\\]|\\.)*"|[^;]*)/gy;

/** Reads `type/subtype; name=value; name="value"`, as Content-Type and Content-Disposition have it. What follows something unreadable is left out. */
export function parseMediaType(header: string): MediaType {
  const semicolon = header.indexOf(';');
  if (semicolon === -1) return { type: header.trim().toLowerCase(), parameters: new Map() };
  const parameters = new Map<string, string>();
  for (const [, name = '', value = ''] of header.slice(semicolon).matchAll(parameter)) {
    parameters.set(name.toLowerCase(), unquote(value));
  }
  return { type: header.slice(0, semicolon).trim().toLowerCase(), parameters };
}

function unquote(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(["\\])/g, '$1') : value.trim();
}
