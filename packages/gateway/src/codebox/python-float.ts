/** A number as Python prints a float: `0.2`, `5.0`, `1e-05`, `1e+16`, `inf`, `nan`. Both languages choose the same shortest digits. */
export function renderPythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const sign = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

/** More than any float needs. */
const longestFloat = 1000;
/** No two of its parts can match the same characters, so a long text costs no more than its length. */
const floatText = /^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan)$/i;

/** The number that a text stands for where a float is asked for, as Pydantic reads it: `" 0.5 "`, `"1_000"`, `"inf"`; null for any other text. */
export function parseFloatText(text: string): number | null {
  if (text.length > longestFloat) return null;
  const trimmed = text.trim();
  if (/^_|__|_$/.test(trimmed)) return null;
  const plain = trimmed.replaceAll('_', '');
  if (!floatText.test(plain)) return null;
  const word = plain.replace(/^[+-]/, '').toLowerCase();
  if (word === 'nan') return Number.NaN;
  if (word.startsWith('inf')) return plain.startsWith('-') ? -Infinity : Infinity;
  return Number(plain);
}
