/** What the text of an environment variable stands for. */
export type VariableKind = keyof typeof readers;

/** Name of the environment variable of each setting of a program, and what its text stands for. */
export type Variables = Readonly<Record<string, readonly [variable: string, kind: VariableKind]>>;

/** A text that is nothing of its kind stays as it is, so that the sentence about it can show it. */
const readers = {
  text: (text: string): string => text,
  number: (text: string): number | string => (Number.isFinite(Number(text)) ? Number(text) : text),
  boolean: (text: string): boolean | string => (text === 'true' || text === 'false' ? text === 'true' : text),
};

/**
 * The settings that an environment holds, by their own names; empty variables count as absent. A setting `redis` that starts with a brace is
 * read as JSON. Throws a sentence when that is malformed; nothing else is judged here.
 */
export function readVariables(
  variables: Variables,
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const [setting, [variable, kind]] of Object.entries(variables)) {
    const text = environment[variable];
    if (text !== undefined && text !== '') settings[setting] = readers[kind](text);
  }
  const { redis } = settings;
  if (typeof redis === 'string' && redis.startsWith('{')) settings['redis'] = parseTarget(redis);
  return settings;
}

function parseTarget(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(
      'BULLPEN_REDIS starts with a brace but is not valid JSON: write a URL, a socket path or ioredis options.',
      { cause },
    );
  }
}
