import { issueSentence } from '@bullpen/profiles';
import { z } from 'zod';
import {
  type CodejailLimits,
  codejailLimitsSchema,
  type CompleteCodejailLimits,
  defaultCodejailLimits,
} from './codejail-limits.ts';

const programWord = z
  .string()
  .min(1)
  .max(4096)
  .refine((text) => !text.includes('\0') && text.isWellFormed(), 'must be well-formed text without NUL characters');

const jailCommandSchema = z.strictObject({
  /** The profile that runs it. */
  profile: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be lower-case letters, digits and dashes, at most 32'),
  /** The program and the arguments that stand before the code's file. */
  argv: z.array(programWord).min(1).max(64),
});

/** One line of the command table: which profile runs it, and how its command line begins. */
export type JailCommand = z.output<typeof jailCommandSchema>;

/** Entries by name as a Map: a name such as `__proto__` is one like others. */
const mapOf = <Value extends z.ZodType>(value: Value) =>
  z
    .unknown()
    .refine(
      (entries) => typeof entries === 'object' && entries !== null && !Array.isArray(entries),
      'must be an object',
    )
    .transform((entries) => new Map(Object.entries(entries as object)))
    .pipe(z.map(z.string(), value));

const policySchema = z.strictObject({
  limits: codejailLimitsSchema.default({}),
  overrides: mapOf(codejailLimitsSchema).default(new Map()),
  commands: mapOf(jailCommandSchema).default(new Map()),
});

/** What codejail keeps in its settings: default limits, overrides by context, and the table of commands. */
export interface Policy {
  readonly limits: CodejailLimits;
  readonly overrides: ReadonlyMap<string, CodejailLimits>;
  readonly commands: ReadonlyMap<string, JailCommand>;
}

/** codejail's defaults: its limits, no override, and `python`. */
export const defaultPolicy: Policy = { limits: {}, overrides: new Map(), commands: new Map() };

/**
 * Reads a policy: `{ limits, overrides: { CONTEXT: limits }, commands: { NAME: { profile, argv } } }`, each part optional. `sourceName` names it in
 * the sentence of the Error that is thrown when it is malformed.
 */
export function parsePolicy(value: unknown, sourceName = 'the policy'): Policy {
  const parsed = policySchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(`${issueSentence(parsed.error, value, sourceName)}: mend ${sourceName}.`);
}

/** The limits of a context: codejail's defaults, the policy's over them, the context's over those. A context that is not known, and null, have none. */
export function policyLimits(
  policy: Policy,
  context: string | null | undefined,
  own: CodejailLimits = {},
): CompleteCodejailLimits {
  const ofContext = context === null || context === undefined ? undefined : policy.overrides.get(context);
  const layers = [own, ofContext, policy.limits, defaultCodejailLimits];
  const first = (name: keyof CompleteCodejailLimits): number =>
    layers.find((layer) => layer?.[name] !== undefined)?.[name] ?? defaultCodejailLimits[name];
  return {
    CPU: first('CPU'),
    REALTIME: first('REALTIME'),
    VMEM: first('VMEM'),
    FSIZE: first('FSIZE'),
    NPROC: first('NPROC'),
  };
}

/** The programs of `jail_code` and `safe_exec` that the policy need not name. */
const builtinCommands: ReadonlyMap<string, JailCommand> = new Map([
  // codejail's own flags for the name `python`: no PYTHON... variables, no byte code.
  ['python', { profile: 'codejail', argv: ['python3', '-E', '-B'] }],
]);

/** Isolated and without the module `site`, which takes longer than all else at Python's start; the runner does what it did. */
const fastPython: JailCommand = { profile: 'codejail', argv: ['python3', '-I', '-S', '-B'] };

/** The command of that name in the policy's table, or null. `python` is there unless the policy names another. */
export function policyCommand(policy: Policy, name: string): JailCommand | null {
  return policy.commands.get(name) ?? builtinCommands.get(name) ?? null;
}

/** What runs `safe_exec`: the policy's `python`, or one that starts fast. */
export function safeExecCommand(policy: Policy): JailCommand {
  return policy.commands.get('python') ?? fastPython;
}
