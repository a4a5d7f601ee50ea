/** What is wrong with a body, in the words of FastAPI and Pydantic, which clients of codebox know. */
export interface ValidationIssue {
  readonly type: string;
  /** Where: `body`, then keys and indices; for a body that is no JSON, the place of the character. */
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  /** What was found there, as the JSON text that the client sent. */
  readonly input: string;
  readonly ctx?: Readonly<Record<string, unknown>>;
}

const messages = {
  missing: 'Field required',
  model_attributes_type: 'Input should be a valid dictionary or object to extract fields from',
  dict_type: 'Input should be a valid dictionary',
  list_type: 'Input should be a valid list',
  string_type: 'Input should be a valid string',
  float_type: 'Input should be a valid number',
  float_parsing: 'Input should be a valid number, unable to parse string as a number',
  finite_number: 'Input should be a finite number',
} as const;

/** An issue whose message says no more than its type. */
export function makeIssue(type: keyof typeof messages, loc: ValidationIssue['loc'], input: string): ValidationIssue {
  return { type, loc, msg: messages[type], input };
}

/** A body that is no JSON: `problem` is what CPython's parser says, `position` where. */
export function makeJsonIssue(problem: string, position: number): ValidationIssue {
  return {
    type: 'json_invalid',
    loc: ['body', position],
    msg: 'JSON decode error',
    input: '{}',
    ctx: { error: problem },
  };
}

/** An issue that only this sentence explains. */
export function makeValueIssue(loc: ValidationIssue['loc'], sentence: string, input: string): ValidationIssue {
  return { type: 'value_error', loc, msg: `Value error, ${sentence}`, input, ctx: { error: {} } };
}

/** A list or dictionary with more items than a job may have. Its input is left out: it is long by nature. */
export function makeTooLongIssue(
  loc: ValidationIssue['loc'],
  size: { readonly fieldType: 'List' | 'Dictionary'; readonly atMost: number; readonly got: number },
): ValidationIssue {
  const { fieldType, atMost, got } = size;
  const msg = `${fieldType} should have at most ${atMost} items after validation, not ${got}`;
  const ctx = { field_type: fieldType, max_length: atMost, actual_length: got };
  return { type: 'too_long', loc, msg, input: '{}', ctx };
}

/** A text with more characters than it may have. */
export function makeTooLongTextIssue(loc: ValidationIssue['loc'], atMost: number, input: string): ValidationIssue {
  const msg = `String should have at most ${atMost} characters`;
  return { type: 'string_too_long', loc, msg, input, ctx: { max_length: atMost } };
}

/** Whoever sends much that is wrong does not get all of it back. */
const bounds = { issues: 100, characters: 1000 } as const;

/** The body of a 422 answer, as JSON. Of long inputs and long names only the beginning is told. */
export function renderIssues(issues: readonly ValidationIssue[]): string {
  return `{"detail":[${issues.slice(0, bounds.issues).map(renderIssue).join(',')}]}`;
}

function renderIssue({ type, loc, msg, input, ctx }: ValidationIssue): string {
  const place = loc.map((name) => (typeof name === 'string' ? shorten(name) : name));
  const context = ctx === undefined ? '' : `,"ctx":${JSON.stringify(ctx)}`;
  return `{"type":"${type}","loc":${JSON.stringify(place)},"msg":${JSON.stringify(msg)},"input":${renderInput(input)}${context}}`;
}

/** Numbers stay as they were written. Python's NaN is no JSON, and nor is half a text: those are told as a string. */
function renderInput(input: string): string {
  return input.length <= bounds.characters && isJson(input) ? input : JSON.stringify(shorten(input));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function shorten(text: string): string {
  return text.length > bounds.characters ? `${text.slice(0, bounds.characters).toWellFormed()}…` : text;
}
