import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

const SHOWN_CHARACTERS = 80;
const SHOWN_KEYS = 3;

/**
 * One sentence for the first problem of a value that a schema refused: the field in dotted form, what it must be, and what it was.
 * `root` names the whole value, for problems that no field has ("the job").
 */
export function issueSentence(error: z.ZodError, value: unknown, root: string): string {
  const issue = deepest(error.issues[0]);
  if (issue === undefined) return `${root} is malformed`;
  const field = dottedPath(issue.path, root);
  if (issue.code === 'unrecognized_keys') {
    return `${field} must not have ${issue.keys.slice(0, SHOWN_KEYS).map(shown).join(' or ')}: no such field is known`;
  }
  if (issue.code === 'invalid_key') {
    const inner = deepest(issue.issues[0]);
    const expected = inner === undefined ? 'must be acceptable' : issueRequirement(inner);
    return `a name in ${dottedPath(issue.path.slice(0, -1), root)} ${expected}, got ${shown(issue.path.at(-1))}`;
  }
  const got = valueAt(value, issue.path);
  if (got === undefined) return `${field} is missing: it ${issueRequirement(issue)}`;
  return `${field} ${issueRequirement(issue)}, got ${measured(issue, got)}`;
}

/** A union's own message says nothing; the branch that came furthest does. */
function deepest(issue: Issue | undefined): Issue | undefined {
  if (issue?.code !== 'invalid_union') return issue;
  const branches = issue.errors.flatMap((issues) => issues.slice(0, 1));
  const closest = branches.find((branch) => branch.path.length > 0 || branch.code !== 'invalid_type');
  if (closest === undefined) return issue;
  return deepest({ ...closest, path: [...issue.path, ...closest.path] });
}

/** What a value must be, by the problem that a schema found with it: `must be at least 1`. */
export function issueRequirement(issue: Issue): string {
  // A schema's own words are better than ours.
  return issue.message.startsWith('must ') ? issue.message : `must ${rule(issue)}`;
}

function rule(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `be ${withArticle(issue.expected)}`;
    case 'too_big':
      return bound(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum);
    case 'too_small':
      return bound(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum);
    case 'invalid_value':
      return `be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_format':
      if (issue.format === 'starts_with' && 'prefix' in issue) return `start with ${shown(issue['prefix'])}`;
      return issue.format === 'regex' ? `match ${issue.pattern}` : `be a valid ${issue.format}`;
    case 'not_multiple_of':
      return `be a multiple of ${issue.divisor}`;
    case 'invalid_union':
      return 'have another shape';
    case 'custom':
    case 'invalid_key':
    case 'invalid_element':
    case 'unrecognized_keys':
      return `be acceptable (${issue.message})`;
    default:
      return issue satisfies never;
  }
}

/** `be at most 5` for numbers, `have at most 5 characters` for texts, and so on. */
function bound(origin: string, comparison: string, count: number | bigint): string {
  const units: Record<string, [one: string, many: string]> = {
    string: ['character', 'characters'],
    array: ['item', 'items'],
  };
  const unit = units[origin];
  return unit === undefined ? `be ${comparison} ${count}` : `have ${comparison} ${count} ${unit[count === 1 ? 0 : 1]}`;
}

function withArticle(expected: string): string {
  const names: Record<string, string> = { int: 'a whole number', safeint: 'a whole number', record: 'an object' };
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

/** What the check compared with its bound: a size, what the check itself says in `params.got`, else the value. */
function measured(issue: Issue, got: unknown): string {
  const isAboutSize = issue.code === 'too_big' || issue.code === 'too_small';
  if (isAboutSize && Array.isArray(got)) return String(got.length);
  const stated: unknown = issue.code === 'custom' ? issue.params?.['got'] : undefined;
  return shown(stated ?? got);
}

/** The value as a reader recognises it: short and on one line. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (value !== null && typeof value === 'object') return 'an object';
  if (typeof value === 'string' && value.length > SHOWN_CHARACTERS) {
    return `${JSON.stringify(value.slice(0, SHOWN_CHARACTERS))}... (${value.length} characters)`;
  }
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
