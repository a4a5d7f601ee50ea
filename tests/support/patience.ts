/**
 * How many times longer than on an idle machine tests wait before they give up: BULLPEN_TEST_PATIENCE, 1 without it. An emulated machine sets it.
 * What a test measures or promises is never multiplied, only how long it waits for something to happen.
 */
export const patience = readPatience(process.env['BULLPEN_TEST_PATIENCE']);

function readPatience(value: string | undefined): number {
  if (value === undefined) return 1;
  if (/^[1-9][0-9]?$/.test(value)) return Number(value);
  throw new Error(`BULLPEN_TEST_PATIENCE is ${JSON.stringify(value)}: it must be a whole number from 1 to 99.`);
}
