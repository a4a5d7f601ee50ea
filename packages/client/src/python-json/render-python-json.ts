import { pythonJsonBounds } from './python-json.ts';

/**
 * JSON text of a value in Python's dialect: what `json.loads` reads back as the same. Numbers without a fraction become ints, -0 becomes -0.0,
 * bigints become ints, NaN and Infinity are written as such, and lone surrogates are escaped. Throws a TypeError with one sentence that names the
 * place of anything else: undefined, functions, dates, byte arrays, maps, objects with a class of their own, cycles, and values more than 900
 * levels deep. `name` is what the sentence calls the value.
 */
export function renderPythonJson(value: unknown, name = 'the value'): string {
  return render(value, { name, path: [] });
}

interface Place {
  readonly name: string;
  /** Keys from the whole to the value, shared by all levels: pushed on the way down, popped on the way up. */
  readonly path: (string | number)[];
}

function render(value: unknown, place: Place): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return String(value);
    case 'number':
      return Object.is(value, -0) ? '-0.0' : String(value);
    case 'bigint':
      return renderBigInt(value, place);
    case 'object':
      return value === null ? 'null' : renderContainer(value, place);
    default:
      throw refusal(place, `is ${withArticle(typeof value)}, which JSON has no form for: leave it out`);
  }
}

function renderBigInt(value: bigint, place: Place): string {
  const digits = String(value);
  const count = value < 0n ? digits.length - 1 : digits.length;
  if (count <= pythonJsonBounds.intDigits) return digits;
  throw refusal(
    place,
    `has ${count} digits, and Python reads at most ${pythonJsonBounds.intDigits}: send it as a text`,
  );
}

function renderContainer(value: object, place: Place): string {
  // A cycle ends here too.
  if (place.path.length >= pythonJsonBounds.depth) {
    throw refusal(place, `is more than ${pythonJsonBounds.depth} levels deep: make it flatter`);
  }
  if (Array.isArray(value)) {
    return `[${Array.from(value, (item: unknown, index) => renderChild(item, index, place)).join(',')}]`;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) {
    throw refusal(place, `is ${withArticle(className(value))}, which JSON has no form for: convert it first`);
  }
  const members = Object.entries(value);
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${renderChild(item, key, place)}`).join(',')}}`;
}

function renderChild(value: unknown, key: string | number, place: Place): string {
  place.path.push(key);
  const text = render(value, place);
  place.path.pop();
  return text;
}

function className(value: object): string {
  return typeof value.constructor === 'function' ? value.constructor.name : 'object';
}

function withArticle(word: string): string {
  return /^[aeiou]/i.test(word) ? `an ${word}` : `a ${word}`;
}

const SHOWN_KEYS = 10;

function refusal({ name, path }: Place, problem: string): TypeError {
  const steps = path.slice(0, SHOWN_KEYS).map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`));
  const more = path.length > SHOWN_KEYS ? '...' : '';
  return new TypeError(`${name}${steps.join('')}${more} ${problem}.`);
}
