import { defaultCodejailLimits } from '@bullpen/client';
import { pino } from 'pino';
import { codejailRoutes } from '../../../src/codejail/routes.ts';
import type { CallSettings } from '../../../src/codejail/answer-call.ts';
import type { Executed, Execution } from '../../../src/codejail/execution.ts';

export const codeExec = '/api/v0/code-exec';

/** The door without a fleet: what would be run is noted, and answered with what the test says. */
export interface TestDoor {
  readonly executions: readonly Execution[];
  /** The lines of its log. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
  /** How often it doubted the fleet. */
  readonly doubts: number;
  send(path: string, init?: RequestInit): Promise<Response>;
}

export interface TestDoorSettings extends Partial<Omit<CallSettings, 'safety' | 'logger'>> {
  readonly isSafe?: boolean;
  readonly isAvailable?: boolean;
  readonly executed?: Executed;
}

export const smallBounds = { bodyBytes: 20_000, parts: 10, payloadBytes: 8000, uploadBytes: 12_000 };

export function openTestDoor(settings: TestDoorSettings = {}): TestDoor {
  const { isSafe = true, isAvailable = true, executed = { kind: 'globals', globalsJson: '{"x": 17}' } } = settings;
  const executions: Execution[] = [];
  const log: Record<string, unknown>[] = [];
  let doubts = 0;
  const app = codejailRoutes({
    isEnabled: true,
    bounds: smallBounds,
    budgetMs: 3300,
    limitsOf: (course) => ({ ...defaultCodejailLimits, CPU: course === 'c1' ? 7 : 1 }),
    execute: async (execution) => {
      executions.push(execution);
      return executed;
    },
    ...settings,
    safety: { isSafe, isAvailable, doubt: () => void (doubts += 1) },
    logger: pino({ base: null, timestamp: false }, { write: (line: string) => void log.push(JSON.parse(line)) }),
  });
  return {
    executions,
    log,
    get doubts() {
      return doubts;
    },
    send: async (path, init) => app.request(path, init),
  };
}

/** A call as url-encoded form. */
export function urlencoded(payload: string): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `payload=${encodeURIComponent(payload)}`,
  };
}

export interface TestPart {
  readonly disposition: string;
  readonly headers?: string;
  readonly content: string | Uint8Array;
}

/** A call as multipart form, its parts as they are given. */
export function multipart(...parts: readonly TestPart[]): RequestInit {
  const pieces = parts.flatMap(({ disposition, headers = '', content }) => [
    Buffer.from(`--b0und\r\nContent-Disposition: ${disposition}\r\n${headers}\r\n`),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);
  return {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=b0und' },
    body: Buffer.concat([...pieces, Buffer.from('--b0und--\r\n')]),
  };
}

export const field = (content: string | Uint8Array, name = 'payload'): TestPart => ({
  disposition: `form-data; name="${name}"`,
  content,
});

export const file = (content: string | Uint8Array, name = 'python_lib.zip', fileName = 'any'): TestPart => ({
  disposition: `form-data; name="${name}"; filename="${fileName}"`,
  content,
});
