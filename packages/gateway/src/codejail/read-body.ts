import { Refusal } from './refusal.ts';

/**
 * Reads a whole request body, and no more of it than `maximumBytes`: a longer one is refused by its Content-Length before a byte is read, or as
 * soon as it has passed the bound. Throws Refusal 413, and Refusal 400 when the body ends too early.
 */
export async function readBody(request: Request, maximumBytes: number): Promise<Buffer> {
  if (Number(request.headers.get('content-length') ?? 0) > maximumBytes) throw tooLarge(maximumBytes);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.body ?? []) {
      bytes += chunk.length;
      if (bytes > maximumBytes) throw tooLarge(maximumBytes);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal(
      { status: 400, reason: 'invalid.form', key: 'detail' },
      'The body ended before its end: send it again.',
      { cause },
    );
  }
  const [first] = chunks;
  // A body that the gateway has received comes as a whole, and is not copied.
  if (first !== undefined && chunks.length === 1) return Buffer.from(first.buffer, first.byteOffset, first.byteLength);
  return Buffer.concat(chunks, bytes);
}

function tooLarge(maximumBytes: number): Refusal {
  return new Refusal(
    { status: 413, reason: 'invalid.size' },
    `The request body must be at most ${maximumBytes} bytes: send less.`,
  );
}
