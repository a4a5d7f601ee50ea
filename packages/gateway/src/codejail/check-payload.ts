import { parsePythonJson, type PythonJson, PythonJsonError, type PythonJsonObject } from '@bullpen/client';
import { pythonRepr } from './python-repr.ts';
import { Refusal } from './refusal.ts';

/** What a payload asks for. Code and globals stay the texts that were sent, so that no number, key or character of theirs changes on the way. */
export interface Payload {
  /** The code, as a JSON string. */
  readonly codeJson: string;
  /** The globals, as a JSON object in Python's dialect. */
  readonly globalsJson: string;
  readonly pythonPath: readonly string[];
  /** Whose limits to use: a course. Null means the default limits. */
  readonly context: string | null;
  /** Name of the problem, for logs. */
  readonly slug: string | null;
  readonly unsafely: boolean;
}

/** A value with the text that it was written as. */
interface Value {
  readonly node: PythonJson;
  readonly text: string;
}

type TypeName = 'object' | 'string' | 'boolean' | 'array';

/** In the alphabet's reverse order: of several wrong values jsonschema names that of the last key. */
const knownKeys: readonly { readonly name: string; readonly type: TypeName; readonly orNull: boolean }[] = [
  { name: 'unsafely', type: 'boolean', orNull: false },
  { name: 'slug', type: 'string', orNull: true },
  { name: 'python_path', type: 'array', orNull: true },
  { name: 'limit_overrides_context', type: 'string', orNull: true },
  { name: 'globals_dict', type: 'object', orNull: false },
  { name: 'code', type: 'string', orNull: false },
];
/** Characters that an error shows of a wrong value. */
const shownCharacters = 1000;
/** Keys of the payload, and entries of python_path, are all read; what lies deeper is only checked. All values are checked in some 50 ms. */
const parseBounds = { nodesToDepth: 1, maximumNodes: 10_000, maximumValues: 500_000 };

/**
 * Reads a payload and checks it as codejail-service does: keys that it does not know are passed over, of equal keys the last counts. Throws
 * Refusal 400 in the words of Python's json and of jsonschema.
 */
export function checkPayload(text: string): Payload {
  const root = parse(text);
  if (root.kind !== 'object') throw mismatch('$', `${shown(text)} is not of type 'object'`);
  const values = valuesOf(root, text);
  const code = requireValue(values, 'code');
  const globals = requireValue(values, 'globals_dict');
  let pythonPath: readonly string[] = [];
  for (const { name, type, orNull } of knownKeys) {
    const value = values.get(name);
    if (value === undefined || (orNull && isConstant(value, 'null'))) continue;
    if (!isOf(type, value)) {
      const problem = orNull ? 'is not valid under any of the given schemas' : `is not of type '${type}'`;
      throw mismatch(`$.${name}`, `${shown(value.text)} ${problem}`);
    }
    if (type === 'array') pythonPath = readTexts(value, `$.${name}`);
  }
  return {
    codeJson: code.text,
    globalsJson: globals.text,
    pythonPath,
    context: textOf(values.get('limit_overrides_context')),
    slug: textOf(values.get('slug')),
    unsafely: isConstant(values.get('unsafely'), 'true'),
  };
}

function parse(text: string): PythonJson {
  try {
    return parsePythonJson(text, parseBounds);
  } catch (error) {
    if (!(error instanceof PythonJsonError)) throw error;
    const facts = { status: 400, reason: 'invalid.payload.bad_json' } as const;
    throw new Refusal(facts, `Unable to parse payload JSON: ${error.message}`, { cause: error });
  }
}

function valuesOf(root: PythonJsonObject, text: string): ReadonlyMap<string, Value> {
  return new Map(root.members.map(({ key, value }) => [key, valueOf(value, text)]));
}

function valueOf(node: PythonJson, text: string): Value {
  return { node, text: text.slice(node.start, node.end) };
}

function requireValue(values: ReadonlyMap<string, Value>, name: string): Value {
  const value = values.get(name);
  if (value === undefined) throw mismatch('$', `'${name}' is a required property`);
  return value;
}

/** jsonschema shows the first wrong entry of a list, but the whole of what is no list at all. */
function readTexts(list: Value, path: string): readonly string[] {
  const { text } = list;
  const node = parse(text);
  if (node.kind !== 'array') return [];
  return node.items.map((item, index) => {
    if (item.kind === 'string') return item.value;
    throw mismatch(`${path}[${index}]`, `${shown(text.slice(item.start, item.end))} is not of type 'string'`);
  });
}

function isOf(type: TypeName, value: Value): boolean {
  return type === 'boolean' ? isConstant(value, 'true') || isConstant(value, 'false') : value.node.kind === type;
}

function isConstant(value: Value | undefined, name: 'null' | 'true' | 'false'): boolean {
  return value?.node.kind === 'constant' && value.node.name === name;
}

function textOf(value: Value | undefined): string | null {
  return value?.node.kind === 'string' ? value.node.value : null;
}

function shown(json: string): string {
  return pythonRepr(json, shownCharacters);
}

function mismatch(path: string, message: string): Refusal {
  return new Refusal(
    { status: 400, reason: 'invalid.payload.schema_mismatch' },
    `Payload JSON did not match schema at path ${path}: ${message}`,
  );
}
