/** Each string travels to the jailer with a header of this size, so many short ones weigh more than their letters. */
const STRING_OVERHEAD = 8;

/** What argv and the environment of one command weigh on their way to the jailer, in bytes. */
export function commandBytes(argv: readonly string[], env: Readonly<Record<string, string>>): number {
  let bytes = 0;
  for (const word of argv) bytes += Buffer.byteLength(word) + STRING_OVERHEAD;
  for (const [name, value] of Object.entries(env))
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value) + 1 + STRING_OVERHEAD;
  return bytes;
}
