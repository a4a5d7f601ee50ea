/**
 * A path of the jail, `*` in a name standing for any text of that name, as AppArmor's text writes it.
 * Throws a sentence for the characters that AppArmor cannot be told safely.
 */
export function apparmorPath(path: string): string {
  if (/^[\w/.+*-]+$/.test(path)) return path;
  if (/["\\]|@\{|\p{Cc}/u.test(path)) {
    throw new Error(
      `AppArmor cannot name ${JSON.stringify(path)}: a view path must have no quotation mark, backslash, control character or "@{"`,
    );
  }
  return `"${path.replaceAll(/[?[\]{}^]/g, '\\$&')}"`;
}
