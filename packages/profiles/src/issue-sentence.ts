import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

const SHOWN_CHARACTERS = 80;

/**
 * One sentence for the first problem of a value that a schema refused: the field in dotted form, what it must be, and what it was.
 * `root` names the whole value, for problems that no field has ("the job").
 */
export function issueSentence(error: z.ZodError, value: unknown, root: string): string {
  const issue = deepest(error.issues[0]);
  if (issue === undefined) return `${root} is malformed`;
  const field = dottedPath(issue.path, root);
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map((key) => JSON.stringify(key)).join(' or ');
    return `${field} must not have ${keys}: no such field is known`;
  }
  const got = valueAt(value, issue.path);
  if (issue.code === 'invalid_key') {
    const inner = deepest(issue.issues[0]);
    const name = issue.path.at(-1);
    const rule = inner === undefined ? 'is malformed' : requirement(inner, name);
    return `a name in ${dottedPath(issue.path.slice(0, -1), root)} ${rule}, got ${shown(name)}`;
  }
  return `${field} ${requirement(issue, got)}, got ${shown(got)}`;
}

/** A union's own message says nothing; the branch that came furthest does. */
function deepest(issue: Issue | undefined): Issue | undefined {
  if (issue?.code !== 'invalid_union') return issue;
  const branches = issue.errors.flatMap((issues) => issues.slice(0, 1));
  const closest = branches.find((branch) => branch.path.length > 0 || branch.code !== 'invalid_type');
  if (closest === undefined) return issue;
  return deepest({ ...closest, path: [...issue.path, ...closest.path] });
}

function requirement(issue: Issue, got: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return got === undefined
        ? `is missing and must be ${withArticle(issue.expected)}`
        : `must be ${withArticle(issue.expected)}`;
    case 'too_big':
      return `must ${measure(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)}`;
    case 'too_small':
      return `must ${measure(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)}`;
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_format':
      return issue.message.startsWith('must ') ? issue.message : `must be a valid ${issue.format}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_union':
      return 'must have another shape';
    default:
      return issue.message.startsWith('must ') ? issue.message : `is refused (${issue.message})`;
  }
}

/** `be at most 5` for numbers, `have at most 5 characters` for texts, and so on. */
function measure(origin: string, comparison: string, bound: number | bigint): string {
  const units: Record<string, string> = {
    string: 'characters',
    array: 'items',
    set: 'items',
    map: 'entries',
    record: 'entries',
  };
  const unit = units[origin];
  if (unit === undefined) return `be ${comparison} ${bound}`;
  return `have ${comparison} ${bound} ${bound === 1 ? unit.replace(/ies$/, 'y').replace(/s$/, '') : unit}`;
}

function withArticle(expected: string): string {
  const names: Record<string, string> = { int: 'a whole number', record: 'an object', safeint: 'a whole number' };
  return names[expected] ?? (/^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`);
}

function dottedPath(path: readonly PropertyKey[], root: string): string {
  if (path.length === 0) return root;
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of path) {
    if (at === null || typeof at !== 'object') return undefined;
    at = Reflect.get(at, key);
  }
  return at;
}

/** The value as a reader recognises it: short, on one line, and only its size when it is large. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `${value.length} ${value.length === 1 ? 'item' : 'items'}`;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'string' && value.length > SHOWN_CHARACTERS) {
    return `${JSON.stringify(value.slice(0, SHOWN_CHARACTERS))}... (${value.length} characters)`;
  }
  if (value !== null && typeof value === 'object') return `an object with ${Object.keys(value).length} fields`;
  return JSON.stringify(value) ?? typeof value;
}
