import { layerNames } from '@bullpen/protocol';
import { expect, it } from 'vitest';
import { parseLayer } from '../../src/parse/parse-layer.ts';

it.each(layerNames)('knows %s', (name) => {
  expect(parseLayer(name)).toBe(name);
});

it.each(['', 'moat', 'AppArmor', 'constructor'])('lists the layers where %j is none', (text) => {
  expect(() => parseLayer(text)).toThrow(`--require is ${JSON.stringify(text)}: the layers are identity, rlimits, `);
});
