import * as fc from 'fast-check';

const pieces = [
  ...[
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"',
    '\\',
    '\\u',
    '\\ud83d',
    '\\ude00',
    '\\n',
    '"a"',
    '"a":',
    ' ',
    '\n',
    '\t',
    '\r',
  ],
  ...[
    '0',
    '1',
    '-',
    '+',
    '.',
    'e',
    'E',
    '12',
    '-0',
    '1.5',
    '1e5',
    'NaN',
    'Infinity',
    '-Infinity',
    'null',
    'true',
    'fals',
  ],
  ...['é', '😀', '\u00a0', '\u2028', '\u0000', '\u001f', '\u007f', '\ufeff', 'x', '٣'],
] as const;

/** Texts that look like JSON now and then. */
export const randomTexts = fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((words) => words.join(''));

/** JSON texts, each with one piece put in, one taken out or the end cut off; some are left as they are. */
export const jsonTexts = fc
  .tuple(
    fc.json({ maxDepth: 4 }),
    fc.constantFrom('none', 'insert', 'remove', 'cut'),
    fc.nat(),
    fc.constantFrom(...pieces),
  )
  .map(([json, change, at, piece]) => {
    const characters = Array.from(json);
    const index = at % (characters.length + 1);
    if (change === 'insert') characters.splice(index, 0, piece);
    if (change === 'remove') characters.splice(index, 1);
    if (change === 'cut') characters.length = index;
    return characters.join('');
  });
