import { parsePythonJson } from './parse-python-json.ts';

/**
 * What Python's `dict.update` makes of two JSON texts of objects, as a text: keys of `base` keep their place and take the value of `update` where it
 * has one, new keys follow in its order, and each value is written as it was. Throws PythonJsonError for what is no JSON, TypeError for what is no object.
 */
export function mergePythonObjects(base: string, update: string): string {
  const merged = new Map<string, string>();
  for (const text of [base, update]) {
    for (const [key, value] of memberTexts(text)) merged.set(key, value);
  }
  return `{${Array.from(merged, ([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;
}

function* memberTexts(text: string): Generator<[key: string, value: string]> {
  const node = parsePythonJson(text, { nodesToDepth: 1 });
  if (node.kind !== 'object') throw new TypeError(`The text must be that of an object, got one of kind ${node.kind}.`);
  for (const { key, value } of node.members) yield [key, text.slice(value.start, value.end)];
}
