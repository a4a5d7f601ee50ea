/** Reads the `name=value` lines of `bullpen-jailer --features`; lines of another shape are left out. */
export function parseFeatures(text: string): ReadonlyMap<string, string> {
  const pairs = text
    .split('\n')
    .map((line) => /^([a-z0-9_]+)=(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, name = '', value = '']) => [name, value] as const);
  return new Map(pairs);
}
