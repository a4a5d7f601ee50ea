import { readFileSync } from 'node:fs';
import { parsePolicy } from '@bullpen/client';
import type { CodejailDoorOptions } from './codejail-door.ts';
import type { GatewayConfig } from '../config.ts';

type CodejailConfig = Pick<GatewayConfig, 'codejail' | 'codejailPolicy' | 'codejailBudgetMs'>;

/** What the gateway's settings say of codejail's door. Throws a sentence when the policy file cannot be read or is wrong. */
export function codejailSettings(config: CodejailConfig): CodejailDoorOptions {
  const { codejail, codejailPolicy: path, codejailBudgetMs: budgetMs } = config;
  return { isEnabled: codejail === 'on', budgetMs, ...(path === null ? {} : { policy: readPolicyFile(path) }) };
}

function readPolicyFile(path: string): NonNullable<CodejailDoorOptions['policy']> {
  return parsePolicy(parseJson(readText(path), path), path);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code = 'an unknown error' } = cause as NodeJS.ErrnoException;
    throw new Error(`The codejail policy ${path} cannot be read (${code}): name a file that can.`, { cause });
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`The codejail policy ${path} is not valid JSON: ${(cause as Error).message}.`, { cause });
  }
}
