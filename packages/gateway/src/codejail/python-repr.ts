/**
 * What Python's repr() shows of the value that json.loads() reads from `json`, cut with an ellipsis beyond `maximum` characters. `json` must be
 * well-formed in Python's dialect. A key that an object has twice is shown twice.
 */
export function pythonRepr(json: string, maximum: number): string {
  let shown = '';
  for (let at = 0; at < json.length && shown.length <= maximum; ) {
    const end = endOfToken(json, at);
    shown += reprToken(json.slice(at, end), maximum);
    at = end;
  }
  return shown.length > maximum ? `${shown.slice(0, maximum)}…` : shown;
}

/** No pattern finds the end of a string: one with a million escapes would overflow its stack. */
function endOfToken(json: string, start: number): number {
  if (json[start] !== '"') {
    otherToken.lastIndex = start;
    return start + (otherToken.exec(json)?.[0].length ?? 1);
  }
  let at = start + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at + 1;
}

const otherToken = /[ \t\n\r]+|[-+.\w]+/y;
const words: Readonly<Record<string, string>> = {
  true: 'True',
  false: 'False',
  null: 'None',
  NaN: 'nan',
  Infinity: 'inf',
  '-Infinity': '-inf',
  ',': ', ',
  ':': ': ',
};

function reprToken(token: string, maximum: number): string {
  if (token.startsWith('"')) return reprString(JSON.parse(token) as string, maximum);
  return words[token] ?? (/^[-0-9]/.test(token) ? reprNumber(token) : token.trim());
}

const special = /[\\'"]|(?! )[\p{C}\p{Z}]/gu;
const shortEscapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function reprString(text: string, maximum: number): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inner = text.slice(0, maximum + 1).replaceAll(special, (character) => {
    if (character === '"' || character === "'") return character === quote ? `\\${character}` : character;
    return shortEscapes[character] ?? escapeCodePoint(character.codePointAt(0) ?? 0);
  });
  return `${quote}${inner}${quote}`;
}

function escapeCodePoint(code: number): string {
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x1_0000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** Python keeps every digit of an integer; a float is shown by the fewest digits that read back as the same, as JavaScript's are. */
function reprNumber(token: string): string {
  if (!/[.eE]/.test(token)) return token === '-0' ? '0' : token;
  const value = Number(token);
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [digits = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  return withPoint(digits.replace(/[-.]/g, ''), exponent, value < 0 ? '-' : '');
}

function withPoint(digits: string, exponent: number, sign: string): string {
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}
