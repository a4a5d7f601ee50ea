import { type ApiKey, makeKey, readGatewayConfig, readKeyFile, updateKeyFile } from '@bullpen/gateway';
import { readCliConfig } from '../config.ts';
import { exitCodes } from '../exit-code.ts';
import { printJson, say, writeAll } from '../output/write-all.ts';
import { renderTable } from '../output/render-table.ts';
import { type KeyOptions, readKeyWish } from '../parse/read-key-wish.ts';
import { UsageError } from '../usage-error.ts';

interface FileOptions {
  readonly keys?: string;
  readonly json?: boolean;
}

/** Makes a key, keeps its hash and prints it. */
export async function addKey(name: string, options: KeyOptions & FileOptions): Promise<number> {
  const { text, key } = makeKey(readKeyWish(name, options));
  const path = keysFile(options);
  updateKeyFile(path, (keys) => {
    if (keys.some((other) => other.name === name))
      throw new UsageError(`There is a key ${name} already in ${path}: revoke it first, or choose another name.`);
    return [...keys, key];
  });
  if (options.json === true) await printJson({ key: text, ...describe(key) });
  else await writeAll(process.stdout, `${text}\n`);
  say('this is the only time that the key is shown');
  return exitCodes.success;
}

/** Lists what is kept of the keys, but for their hashes. */
export async function listKeys(options: FileOptions): Promise<number> {
  const keys = readKeyFile(keysFile(options));
  if (options.json === true) await printJson(keys.map(describe));
  else
    await writeAll(
      process.stdout,
      renderTable([['NAME', 'SCOPES', 'MADE', 'VALID UNTIL', 'BOUNDS'], ...keys.map(renderRow)]),
    );
  return exitCodes.success;
}

export async function revokeKey(name: string, options: FileOptions): Promise<number> {
  const path = keysFile(options);
  updateKeyFile(path, (keys) => {
    if (!keys.some((key) => key.name === name))
      throw new UsageError(`There is no key ${name} in ${path}: see \`bullpen keys list\`.`);
    return keys.filter((key) => key.name !== name);
  });
  say(`${name} is revoked; running gateways refuse it within a second`);
  return exitCodes.success;
}

function keysFile({ keys }: FileOptions): string {
  return readGatewayConfig({ keysFile: keys }, readCliConfig().environment).keysFile;
}

function describe({ sha256: _hash, ...rest }: ApiKey) {
  return rest;
}

function renderRow({ name, scopes, createdAt, expiresAt, ceilings, rate }: ApiKey): string[] {
  const bounds = [
    ...Object.entries(ceilings).map(([field, value]) => `${field}=${String(value)}`),
    ...(rate === null ? [] : [`rate=${rate.perSecond}/s`, `burst=${rate.burst}`]),
  ];
  return [name, scopes.join(','), createdAt, expiresAt ?? '-', bounds.join(' ') || '-'];
}
