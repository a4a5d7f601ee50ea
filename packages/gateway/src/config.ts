import { homedir } from 'node:os';
import { join } from 'node:path';
import { readVariables, settingSentences, type VariableKind } from '@bullpen/protocol';
import { z } from 'zod';
import { doorNames } from './door-names.ts';
import { parseListen } from './http/listen.ts';

const day = 86_400_000;
const mebibyte = 2 ** 20;
const milliseconds = (smallest: number, largest: number) => z.int().min(smallest).max(largest);

/** Every setting of a gateway, with its default and its bounds. Nothing else of the gateway reads the environment. */
export const gatewayConfigSchema = z.strictObject({
  redis: z.union([z.string().min(1), z.looseObject({})]).default('redis://127.0.0.1:6379'),
  queue: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores')
    .default('bullpen'),
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9._{}-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, dashes, underscores or braces')
    .default('{bullpen}'),
  /** A file with more profiles, or null: the same as the workers'. */
  profilesFile: z.string().nullable().default(null),
  resultTtlMs: milliseconds(1000, 30 * day).default(day),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** `HOST:PORT` or `[IPV6]:PORT`; port 0 takes any free one. */
  listen: z
    .string()
    .default('127.0.0.1:8580')
    .transform((text, context) => parseListen(text) ?? refuseListen(context)),
  /** The file of API keys. */
  keysFile: z.string().min(1),
  /** Doors whose requests need no key, as the originals' do not: for listeners that only trusted programs reach. */
  openDoors: z
    .string()
    .default('')
    .transform((text) => text.split(',').map((word) => word.trim()))
    .transform((words) => words.filter((word) => word !== ''))
    .pipe(z.array(z.enum(doorNames, `must be a list of ${doorNames.join(', ')}, with commas`))),
  /** Bytes of one request's body, and of the bodies of all requests that are being answered. */
  bodyBytes: z
    .int()
    .min(1024)
    .max(67_108_864)
    .default(32 * mebibyte),
  bodiesBytes: z
    .int()
    .min(1024)
    .max(2 ** 36)
    .default(64 * mebibyte),
  /** Beyond so many jobs that wait in the queue, no more are taken. */
  backlog: z.int().min(1).max(10_000_000).default(1000),
  /** Connections, all and those of one remote address. */
  connections: z.int().min(1).max(1_000_000).default(4096),
  connectionsPerAddress: z.int().min(1).max(1_000_000).default(512),
  /** Event streams that are open at a time, and those of one key. */
  streams: z.int().min(1).max(100_000).default(512),
  streamsPerKey: z.int().min(1).max(100_000).default(64),
  /** How long a client may take to send the head of a request, the whole of it, and nothing at all between two. */
  headersTimeoutMs: milliseconds(100, 600_000).default(10_000),
  requestTimeoutMs: milliseconds(100, 3_600_000).default(60_000),
  keepAliveTimeoutMs: milliseconds(100, 600_000).default(15_000),
  /** How long a client may take nothing of an answer that waits for it. */
  stallTimeoutMs: milliseconds(100, 3_600_000).default(30_000),
  /** How long requests may go on after SIGTERM. */
  drainGraceMs: milliseconds(0, 3_600_000).default(10_000),
  /** `off` answers all calls of codejail's door with 500, and checks no jails for it. */
  codejail: z.enum(['on', 'off'], 'must be on or off').default('on'),
  /** A file with limits by course for codejail's door, or null for codejail's defaults. */
  codejailPolicy: z.string().nullable().default(null),
  /** How long a call of codejail's door may take; edx waits for 3.5 s. */
  codejailBudgetMs: milliseconds(100, 600_000).default(3300),
  /** Seconds of a command of codebox's door that names no timeout; codebox's TIMEOUT. */
  codeboxTimeoutSeconds: z.number().min(0.001).max(600).default(0.2),
  /** How long a job of codebox's door may wait for a worker. */
  codeboxQueueWaitMs: milliseconds(1, 3_600_000).default(30_000),
});

export type GatewayConfig = z.output<typeof gatewayConfigSchema>;
export type GatewaySettings = z.input<typeof gatewayConfigSchema>;

function refuseListen(context: z.RefinementCtx): never {
  context.addIssue({ code: 'custom', message: 'must be HOST:PORT or [IPV6]:PORT' });
  return z.NEVER;
}

/** Name of the environment variable of each setting, and what its text stands for. */
const variables = {
  redis: ['BULLPEN_REDIS', 'text'],
  queue: ['BULLPEN_QUEUE', 'text'],
  prefix: ['BULLPEN_PREFIX', 'text'],
  profilesFile: ['BULLPEN_PROFILES_FILE', 'text'],
  resultTtlMs: ['BULLPEN_RESULT_TTL_MS', 'number'],
  logLevel: ['BULLPEN_LOG_LEVEL', 'text'],
  listen: ['BULLPEN_HTTP_LISTEN', 'text'],
  keysFile: ['BULLPEN_HTTP_KEYS', 'text'],
  openDoors: ['BULLPEN_HTTP_OPEN_DOORS', 'text'],
  bodyBytes: ['BULLPEN_HTTP_BODY_BYTES', 'number'],
  bodiesBytes: ['BULLPEN_HTTP_BODIES_BYTES', 'number'],
  backlog: ['BULLPEN_HTTP_BACKLOG', 'number'],
  connections: ['BULLPEN_HTTP_CONNECTIONS', 'number'],
  connectionsPerAddress: ['BULLPEN_HTTP_CONNECTIONS_PER_ADDRESS', 'number'],
  streams: ['BULLPEN_HTTP_STREAMS', 'number'],
  streamsPerKey: ['BULLPEN_HTTP_STREAMS_PER_KEY', 'number'],
  headersTimeoutMs: ['BULLPEN_HTTP_HEADERS_TIMEOUT_MS', 'number'],
  requestTimeoutMs: ['BULLPEN_HTTP_REQUEST_TIMEOUT_MS', 'number'],
  keepAliveTimeoutMs: ['BULLPEN_HTTP_KEEP_ALIVE_TIMEOUT_MS', 'number'],
  stallTimeoutMs: ['BULLPEN_HTTP_STALL_TIMEOUT_MS', 'number'],
  drainGraceMs: ['BULLPEN_HTTP_DRAIN_GRACE_MS', 'number'],
  codejail: ['BULLPEN_HTTP_CODEJAIL', 'text'],
  codejailPolicy: ['BULLPEN_HTTP_CODEJAIL_POLICY', 'text'],
  codejailBudgetMs: ['BULLPEN_HTTP_CODEJAIL_BUDGET_MS', 'number'],
  codeboxTimeoutSeconds: ['BULLPEN_HTTP_CODEBOX_TIMEOUT', 'number'],
  codeboxQueueWaitMs: ['BULLPEN_HTTP_CODEBOX_QUEUE_WAIT_MS', 'number'],
} as const satisfies Record<keyof GatewayConfig, readonly [string, VariableKind]>;

/**
 * The configuration of a gateway: `settings` before the environment (`BULLPEN_HTTP_LISTEN`, `BULLPEN_REDIS` ...) before the defaults.
 * Throws an Error whose sentences name each bad setting, its value and its bound.
 */
export function readGatewayConfig(
  settings: { readonly [Setting in keyof GatewaySettings]?: GatewaySettings[Setting] | undefined } = {},
  environment: Readonly<Record<string, string | undefined>> = process.env,
): GatewayConfig {
  const input: Record<string, unknown> = {
    keysFile: defaultKeysFile(environment),
    ...readVariables(variables, environment),
  };
  for (const [setting, value] of Object.entries(settings)) if (value !== undefined) input[setting] = value;
  const parsed = gatewayConfigSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  // What the caller said is called as he said it.
  const nameOf = (setting: string): string =>
    (settings as Record<string, unknown>)[setting] === undefined ? variableOf(setting) : setting;
  throw new Error(settingSentences(parsed.error, input, nameOf));
}

function variableOf(setting: string): string {
  return (variables as Record<string, readonly [string, string]>)[setting]?.[0] ?? setting;
}

/** Where the keys of this user's gateways are unless said: below `XDG_CONFIG_HOME`, else `~/.config`. */
function defaultKeysFile(environment: Readonly<Record<string, string | undefined>>): string {
  const { XDG_CONFIG_HOME: folder = '' } = environment;
  return join(folder === '' ? join(homedir(), '.config') : folder, 'bullpen', 'http-keys.json');
}
