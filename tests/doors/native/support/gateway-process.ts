import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { makeKey, scopes, updateKeyFile } from '@bullpen/gateway';

/** A gateway in a process of its own, as operators run it, with one key that may do everything. */
export interface GatewayProcess {
  readonly port: number;
  readonly origin: string;
  /** The header with the key. */
  readonly authorization: string;
  /** Bytes of memory that its process has. */
  residentBytes(): number;
  /** One request with the key. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  signal(signal: NodeJS.Signals): void;
  /** Code or signal with which it ended. */
  readonly ended: Promise<number | string>;
  close(): Promise<void>;
}

const program = join(dirname(fileURLToPath(import.meta.resolve('@bullpen/gateway'))), 'main.ts');

/** Where set, gateways start without compiling their sources again. */
const { NODE_COMPILE_CACHE } = process.env;
const compileCache = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };

/** Starts a gateway; `settings` are `BULLPEN_...` variables. Rejects with what it said when it does not come up. */
export async function startGatewayProcess(
  redis: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<GatewayProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'bullpen-keys-'));
  const keysFile = join(folder, 'keys.json');
  const { key, text } = makeKey({ name: 'ci', scopes: [...scopes] });
  updateKeyFile(keysFile, () => [key]);
  const child = spawn(process.execPath, ['--conditions=@bullpen/source', program], {
    env: {
      PATH: '/usr/bin:/bin',
      ...compileCache,
      BULLPEN_REDIS: redis,
      BULLPEN_HTTP_LISTEN: '127.0.0.1:0',
      BULLPEN_HTTP_KEYS: keysFile,
      BULLPEN_HTTP_CODEJAIL: 'off',
      BULLPEN_LOG_LEVEL: 'error',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  const end = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const origin = await readOrigin(child).catch(async (error: unknown) => {
    await end();
    throw error;
  });
  const authorization = `Bearer ${text}`;
  return {
    origin,
    port: Number(new URL(origin).port),
    authorization,
    residentBytes: () => readResident(child.pid ?? 0),
    ask(path, init = {}) {
      const headers = new Headers(init.headers);
      headers.set('authorization', authorization);
      return fetch(`${origin}${path}`, { ...init, headers });
    },
    signal: (signal) => void child.kill(signal),
    ended,
    close: end,
  };
}

async function readOrigin(child: ChildProcess): Promise<string> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('The gateway of the test has no output.');
  let said = '';
  stderr.on('data', (text) => {
    said = (said + String(text)).slice(-2000);
  });
  for await (const line of createInterface({ input: stdout })) return (JSON.parse(line) as { listen: string }).listen;
  throw new Error(`The gateway of the test did not start: ${said}`);
}

function readResident(pid: number): number {
  const [, kibibytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) * 1024;
}
