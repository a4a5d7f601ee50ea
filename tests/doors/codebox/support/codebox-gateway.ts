import { type GatewaySettings, readGatewayConfig, type RunningGateway, startGateway } from '@bullpen/gateway';
import { afterAll, beforeAll } from 'vitest';
import { type Fleet, startFleet } from '../../../support/fleet.ts';
import { patience } from '../../../support/patience.ts';

/** One answer of codebox's door. */
export interface CodeboxAnswer {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit_code: number;
  readonly elapsed_time: number;
}

export interface CodeboxCommand {
  readonly command: string;
  readonly stdin?: string | null;
  readonly timeout?: number | null;
}

/** A fleet with a gateway before it, spoken to over HTTP. */
export interface CodeboxGateway {
  readonly fleet: Fleet;
  readonly origin: string;
  post(body: unknown, init?: RequestInit): Promise<Response>;
  /** Runs commands in one request, which must be answered with 200. */
  execute(commands: readonly CodeboxCommand[], sources?: Readonly<Record<string, string>>): Promise<CodeboxAnswer[]>;
  /** Runs a Python program as the only command. */
  python(code: string, timeout?: number): Promise<CodeboxAnswer>;
}

/**
 * A timeout that codebox's documents give, for processors that several tests share and that may be emulated. Programs that are to run out of time
 * are given what the documents say.
 */
export const seconds = (documented: number): number => documented * 10 * patience;

/** To be called once, at the top of a test file. */
export function useCodebox(settings: Partial<GatewaySettings> = {}): CodeboxGateway {
  let fleet: Fleet;
  let gateway: RunningGateway;
  beforeAll(async () => {
    fleet = await startFleet();
    const own = { redis: fleet.redisSocket, listen: '127.0.0.1:0', logLevel: 'silent', codejail: 'off' } as const;
    gateway = await startGateway(readGatewayConfig({ ...own, ...settings }, {}), { withoutKeys: true });
  });
  afterAll(async () => {
    await gateway?.close(0);
    await fleet?.close();
  });

  const post = (body: unknown, init: RequestInit = {}): Promise<Response> =>
    fetch(`${gateway.origin}/execute`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...init,
    });
  const execute: CodeboxGateway['execute'] = async (commands, sources = {}) => {
    const response = await post({ sources, commands });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`The answer is ${response.status}: ${text.slice(0, 1000)}`);
    return JSON.parse(text) as CodeboxAnswer[];
  };
  return {
    get fleet() {
      return fleet;
    },
    get origin() {
      return gateway.origin;
    },
    post,
    execute,
    async python(code, timeout = seconds(0.2)) {
      const [answer] = await execute([{ command: '/venv/bin/python main.py', timeout }], { 'main.py': code });
      if (answer === undefined) throw new Error('A command has no answer.');
      return answer;
    },
  };
}
