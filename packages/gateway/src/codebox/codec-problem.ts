/** With the `u` flag this matches lone surrogates only. */
const loneSurrogates = /\p{Surrogate}+/u;

/** What Python says of a text that has no UTF-8; null for one that has. Positions count characters, not UTF-16 units. */
export function codecProblem(text: string): string | null {
  const found = loneSurrogates.exec(text);
  if (found === null) return null;
  const start = countCharacters(text.slice(0, found.index));
  const { length } = found[0];
  const what =
    length === 1
      ? `character '\\u${found[0].charCodeAt(0).toString(16)}' in position ${start}`
      : `characters in position ${start}-${start + length - 1}`;
  return `'utf-8' codec can't encode ${what}: surrogates not allowed`;
}

function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
