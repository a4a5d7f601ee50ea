import type { FormPart } from './form.ts';
import { parseMediaType } from './media-type.ts';
import { Refusal } from './refusal.ts';

const lineEnd = Buffer.from('\r\n');
const headersEnd = Buffer.from('\r\n\r\n');
/** Bytes of the headers of one part. */
const headerBytes = 8192;

/**
 * Takes a multipart/form-data body apart without copying it. Parts without a name, and file inputs that were left empty, are passed over.
 * Throws Refusal 400 in the words of Django REST framework when it is malformed, 413 when it has more than `maximumParts` parts.
 */
export function parseMultipart(body: Buffer, boundary: string | undefined, maximumParts: number): FormPart[] {
  if (boundary === undefined || !/^[ -~]{0,200}[!-~]$/.test(boundary)) {
    throw malformed(`Invalid boundary in multipart: ${boundary ?? 'None'}`);
  }
  const parts: FormPart[] = [];
  let count = 0;
  for (const bytes of splitAtBoundaries(body, Buffer.from(`--${boundary}`, 'latin1'))) {
    count += 1;
    if (count > maximumParts) throw tooMany(maximumParts);
    const part = readPart(bytes);
    if (part !== null) parts.push(part);
  }
  return parts;
}

/** Each part with its headers, without the line ends that belong to the boundaries around it. */
function* splitAtBoundaries(body: Buffer, dashBoundary: Buffer): Generator<Buffer> {
  const delimiter = Buffer.concat([lineEnd, dashBoundary]);
  let at = body.indexOf(dashBoundary) === 0 ? 0 : body.indexOf(delimiter) + lineEnd.length;
  if (body.length === 0 || at < 0 || !startsWith(body, at, dashBoundary)) return;
  for (;;) {
    at += dashBoundary.length;
    if (startsWith(body, at, Buffer.from('--'))) return;
    const start = body.indexOf(lineEnd, at);
    const end = body.indexOf(delimiter, start);
    if (start === -1 || end === -1) throw malformed('The body ends before its last boundary.');
    if (body.subarray(at, start).toString('latin1').trim() !== '') throw malformed('A boundary is followed by text.');
    yield body.subarray(start + lineEnd.length, Math.max(end, start + lineEnd.length));
    at = end + lineEnd.length;
  }
}

function startsWith(body: Buffer, at: number, prefix: Buffer): boolean {
  return body.subarray(at, at + prefix.length).equals(prefix);
}

function readPart(bytes: Buffer): FormPart | null {
  const end = bytes.subarray(0, headerBytes).indexOf(headersEnd);
  if (end === -1) throw malformed(`A part has no headers, or more than ${headerBytes} bytes of them.`);
  const headers = readHeaders(bytes.subarray(0, end).toString('utf8'));
  const { type, parameters } = parseMediaType(headers.get('content-disposition') ?? '');
  const name = parameters.get('name')?.trim();
  if (type !== 'form-data' || name === undefined) return null;
  const content = decodeContent(bytes.subarray(end + headersEnd.length), headers);
  const fileName = parameters.get('filename') ?? parameters.get('filename*');
  if (fileName === undefined) return { kind: 'field', name, bytes: content };
  return fileName === '' ? null : { kind: 'file', name, bytes: content };
}

function readHeaders(text: string): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return headers;
}

function decodeContent(content: Buffer, headers: ReadonlyMap<string, string>): Buffer {
  const encoding = headers.get('content-transfer-encoding')?.toLowerCase();
  return encoding === 'base64' ? Buffer.from(content.toString('latin1'), 'base64') : content;
}

function malformed(what: string): Refusal {
  return new Refusal({ status: 400, reason: 'invalid.form', key: 'detail' }, `Multipart form parse error - ${what}`);
}

function tooMany(maximum: number): Refusal {
  return new Refusal(
    { status: 413, reason: 'invalid.size' },
    `The form must have at most ${maximum} parts: the door reads one field and one file.`,
  );
}
