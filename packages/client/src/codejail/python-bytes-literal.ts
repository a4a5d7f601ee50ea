const QUOTE = 0x27;
const DOUBLE_QUOTE = 0x22;

const named: Readonly<Record<number, string>> = { 0x09: '\\t', 0x0a: '\\n', 0x0d: '\\r', 0x5c: '\\\\' };

/** How each byte is written between single quotes. */
const written: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const name = named[byte];
  if (name !== undefined) return name;
  return byte < 0x20 || byte >= 0x7f ? `\\x${byte.toString(16).padStart(2, '0')}` : String.fromCharCode(byte);
});

/** Python's `repr` of a bytes object: in single quotes, in double ones when the bytes hold single quotes and no double ones. */
export function pythonBytesLiteral(bytes: Uint8Array): string {
  const inDouble = bytes.includes(QUOTE) && !bytes.includes(DOUBLE_QUOTE);
  const parts: string[] = [];
  for (const byte of bytes) parts.push(byte === QUOTE && !inDouble ? "\\'" : (written[byte] ?? ''));
  const quote = inDouble ? '"' : "'";
  return `b${quote}${parts.join('')}${quote}`;
}
