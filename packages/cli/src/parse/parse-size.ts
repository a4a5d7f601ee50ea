import { UsageError } from '../usage-error.ts';

const factors: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/**
 * Reads a size such as `65536`, `64M`, `1.5G` or `64MiB` into bytes. Units are powers of 1024; a plain number is bytes.
 * Throws a UsageError that names `option` and the text.
 */
export function parseSize(text: string, option: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(text.trim()) ?? [];
  const factor = factors[unit?.toUpperCase() ?? 'none'];
  const bytes = Number(number) * (factor ?? Number.NaN);
  if (!Number.isSafeInteger(Math.round(bytes)) || Number.isNaN(bytes)) {
    throw new UsageError(`${option} is ${JSON.stringify(text)}: write a size such as 65536, 64M or 1G.`);
  }
  return Math.round(bytes);
}
