import type { PythonJson, PythonJsonObject } from '@bullpen/client';
import { fileTreeBounds, jobBounds } from '@bullpen/protocol';
import type { Project, ProjectCommand } from './project.ts';
import { parseFloatText } from './python-float.ts';
import { ShellWordsError, splitShellWords } from './shell-words.ts';
import {
  makeIssue,
  makeTooLongIssue,
  makeTooLongTextIssue,
  makeValueIssue,
  type ValidationIssue,
} from './validation-issue.ts';

/** Either a project, or everything that is wrong with it. */
export type ProjectReading =
  | { readonly kind: 'project'; readonly project: Project }
  | { readonly kind: 'issues'; readonly issues: readonly ValidationIssue[] };

/** Characters of a command line: more than quotes and backslashes add to what fits in a command. And of all lines together. */
const longestLine = 2 * jobBounds.argvBytes;
const longestLines = 1_048_576;

type Location = ValidationIssue['loc'];
type Fields = ReadonlyMap<string, PythonJson>;

/** What the readers of all fields share: the text that the nodes are places of, and what was found wrong so far. */
interface Reading {
  readonly text: string;
  readonly defaultTimeoutSeconds: number;
  readonly issues: ValidationIssue[];
}

/**
 * Reads a request as codebox's models do: unknown keys are ignored, and a timeout may be a text or a boolean that stands for a number. What is
 * wrong is noted, and something harmless stands in for it: a project with issues is never returned.
 */
export function readProject(text: string, body: PythonJson, defaultTimeoutSeconds: number): ProjectReading {
  const reading: Reading = { text, defaultTimeoutSeconds, issues: [] };
  const { issues } = reading;
  if (body.kind === 'constant' && body.name === 'null') return { kind: 'issues', issues: [absentBody] };
  const fields = readFields(reading, body, ['body']);
  if (fields === null) return { kind: 'issues', issues };
  const sources = readSources(reading, requireField(reading, body, { fields, loc: ['body', 'sources'] }));
  const commands = readCommands(reading, requireField(reading, body, { fields, loc: ['body', 'commands'] }));
  return issues.length > 0 ? { kind: 'issues', issues } : { kind: 'project', project: { sources, commands } };
}

/** What is wrong with a request that has no body. */
export const absentBody: ValidationIssue = makeIssue('missing', ['body'], 'null');

/** What is wrong with a request whose body is no JSON object. */
export function wrongBody(input: string): ValidationIssue {
  return makeIssue('model_attributes_type', ['body'], input);
}

function inputOf({ text }: Reading, { start, end }: PythonJson): string {
  return text.slice(start, end);
}

/** Of a key that comes twice, the last value counts. */
function fieldsOf(node: PythonJsonObject): Fields {
  return new Map(node.members.map(({ key, value }) => [key, value]));
}

function readFields(reading: Reading, node: PythonJson, loc: Location): Fields | null {
  if (node.kind === 'object') return fieldsOf(node);
  reading.issues.push(makeIssue('model_attributes_type', loc, inputOf(reading, node)));
  return null;
}

/** The field that `loc` ends with. */
function requireField(
  reading: Reading,
  owner: PythonJson,
  { fields, loc }: { readonly fields: Fields; readonly loc: Location },
): PythonJson | null {
  const field = fields.get(String(loc.at(-1)));
  if (field !== undefined) return field;
  reading.issues.push(makeIssue('missing', loc, inputOf(reading, owner)));
  return null;
}

function readSources(reading: Reading, node: PythonJson | null): ReadonlyMap<string, string> {
  const loc = ['body', 'sources'];
  const sources = new Map<string, string>();
  if (node === null) return sources;
  if (node.kind !== 'object') {
    reading.issues.push(makeIssue('dict_type', loc, inputOf(reading, node)));
    return sources;
  }
  const fields = fieldsOf(node);
  if (fields.size > fileTreeBounds.files) {
    const size = { fieldType: 'Dictionary', atMost: fileTreeBounds.files, got: fields.size } as const;
    reading.issues.push(makeTooLongIssue(loc, size));
    return sources;
  }
  for (const [path, field] of fields) sources.set(path, readText(reading, field, [...loc, path]));
  return sources;
}

function readCommands(reading: Reading, node: PythonJson | null): readonly ProjectCommand[] {
  const loc = ['body', 'commands'];
  if (node === null) return [];
  if (node.kind !== 'array') {
    reading.issues.push(makeIssue('list_type', loc, inputOf(reading, node)));
    return [];
  }
  if (node.items.length > jobBounds.commands) {
    const size = { fieldType: 'List', atMost: jobBounds.commands, got: node.items.length } as const;
    reading.issues.push(makeTooLongIssue(loc, size));
    return [];
  }
  const lines = node.items.reduce((sum, item) => sum + lineLength(item), 0);
  if (lines > longestLines) {
    const sentence = `the command lines should have at most ${longestLines} characters together, not ${lines}`;
    reading.issues.push(makeValueIssue(loc, sentence, '{}'));
    return [];
  }
  return node.items.map((item, index) => readCommand(reading, item, [...loc, index]));
}

function lineLength(node: PythonJson): number {
  const command = node.kind === 'object' ? fieldsOf(node).get('command') : undefined;
  return command?.kind === 'string' ? command.value.length : 0;
}

function readCommand(reading: Reading, node: PythonJson, loc: Location): ProjectCommand {
  const fields = readFields(reading, node, loc);
  if (fields === null) return { words: [], stdin: '', timeoutSeconds: null };
  const command = requireField(reading, node, { fields, loc: [...loc, 'command'] });
  return {
    words: command === null ? [] : readWords(reading, command, [...loc, 'command']),
    stdin: readStdin(reading, fields.get('stdin'), [...loc, 'stdin']),
    timeoutSeconds: readTimeout(reading, fields.get('timeout'), [...loc, 'timeout']),
  };
}

function readText(reading: Reading, node: PythonJson, loc: Location): string {
  if (node.kind === 'string') return node.value;
  reading.issues.push(makeIssue('string_type', loc, inputOf(reading, node)));
  return '';
}

function readWords(reading: Reading, node: PythonJson, loc: Location): readonly string[] {
  const line = readText(reading, node, loc);
  if (line.length > longestLine) {
    reading.issues.push(makeTooLongTextIssue(loc, longestLine, inputOf(reading, node)));
    return [];
  }
  try {
    return splitShellWords(line);
  } catch (error) {
    if (!(error instanceof ShellWordsError)) throw error;
    reading.issues.push(makeValueIssue(loc, error.message, inputOf(reading, node)));
    return [];
  }
}

function readStdin(reading: Reading, node: PythonJson | undefined, loc: Location): string {
  return node === undefined || isNull(node) ? '' : readText(reading, node, loc);
}

function isNull(node: PythonJson): boolean {
  return node.kind === 'constant' && node.name === 'null';
}

function readTimeout(reading: Reading, node: PythonJson | undefined, loc: Location): number | null {
  if (node === undefined) return reading.defaultTimeoutSeconds;
  if (isNull(node)) return null;
  const seconds = toNumber(reading, node);
  if (seconds === null) {
    const type = node.kind === 'string' ? 'float_parsing' : 'float_type';
    reading.issues.push(makeIssue(type, loc, inputOf(reading, node)));
  } else if (Number.isNaN(seconds)) reading.issues.push(makeIssue('finite_number', loc, inputOf(reading, node)));
  return seconds;
}

function toNumber(reading: Reading, node: PythonJson): number | null {
  if (node.kind === 'string') return parseFloatText(node.value);
  const text = inputOf(reading, node);
  if (node.kind === 'number') {
    const value = Number(text);
    // An int that no float can hold is refused; a float beyond all bounds is infinite.
    return node.isFloat || Number.isFinite(value) ? value : null;
  }
  return constantNumbers.get(text) ?? null;
}

const constantNumbers: ReadonlyMap<string, number> = new Map([
  ['true', 1],
  ['false', 0],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);
