import type { Form, FormPart } from './form.ts';
import { type MediaType, parseMediaType } from './media-type.ts';
import { parseMultipart } from './parse-multipart.ts';
import { parseUrlencoded } from './parse-urlencoded.ts';
import { readBody } from './read-body.ts';
import { Refusal } from './refusal.ts';

export interface FormBounds {
  /** Bytes of the whole request body. */
  readonly bodyBytes: number;
  /** Fields and files of a form. */
  readonly parts: number;
  /** Bytes of the payload's text in UTF-8. */
  readonly payloadBytes: number;
  /** Bytes of one uploaded file. */
  readonly uploadBytes: number;
}

const multipart = 'multipart/form-data';
const urlencoded = 'application/x-www-form-urlencoded';
/** As Python decodes with errors="replace": a byte order mark stays, what is no UTF-8 becomes U+FFFD. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads the form of a call. A body of another kind is refused unless it is empty, before it is read. Throws Refusal. */
export async function readForm(request: Request, bounds: FormBounds): Promise<Form> {
  const header = request.headers.get('content-type') ?? '';
  const media = parseMediaType(header);
  if (media.type !== multipart && media.type !== urlencoded) {
    if (isEmpty(request)) return { payload: null, files: new Map() };
    throw unsupported(header);
  }
  const body = await readBody(request, bounds.bodyBytes);
  return readParts(takeApart(body, media, bounds.parts), bounds);
}

function takeApart(body: Buffer, { type, parameters }: MediaType, maximumParts: number): FormPart[] {
  if (body.length === 0) return [];
  return type === multipart
    ? parseMultipart(body, parameters.get('boundary'), maximumParts)
    : parseUrlencoded(body, maximumParts);
}

function readParts(parts: readonly FormPart[], bounds: FormBounds): Form {
  const payload = parts.findLast(({ kind, name }) => kind === 'field' && name === 'payload');
  if (payload !== undefined) requireSize('payload', payload.bytes, bounds.payloadBytes);
  const files = new Map(parts.filter(({ kind }) => kind === 'file').map(({ name, bytes }) => [name, bytes]));
  for (const bytes of files.values()) requireSize('uploaded file', bytes, bounds.uploadBytes);
  return { payload: payload === undefined ? null : decoder.decode(payload.bytes), files };
}

function requireSize(what: string, bytes: Buffer, maximum: number): void {
  if (bytes.length <= maximum) return;
  throw new Refusal(
    { status: 413, reason: 'invalid.size' },
    `The ${what} has ${bytes.length} bytes: it must be at most ${maximum}.`,
  );
}

function isEmpty(request: Request): boolean {
  return request.body === null || request.headers.get('content-length') === '0';
}

function unsupported(header: string): Refusal {
  return new Refusal(
    { status: 415, reason: 'invalid.media_type', key: 'detail' },
    `Unsupported media type "${header}" in request.`,
  );
}
