import { type LayerName, layerNames } from '@bullpen/protocol';
import { UsageError } from '../usage-error.ts';

/** Reads the name of a layer. Throws a UsageError that lists them. */
export function parseLayer(text: string): LayerName {
  const found = layerNames.find((name) => name === text);
  if (found !== undefined) return found;
  throw new UsageError(`--require is ${JSON.stringify(text)}: the layers are ${layerNames.join(', ')}.`);
}
