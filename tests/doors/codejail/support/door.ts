import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GatewaySettings, readGatewayConfig, type RunningGateway, startGateway } from '@bullpen/gateway';
import { eventually } from '../../../support/eventually.ts';
import { type Fleet, startFleet } from '../../../support/fleet.ts';
import { patience } from '../../../support/patience.ts';

/** A fleet and a gateway before it, spoken to as codejail-service's clients do. */
export interface Door {
  readonly fleet: Fleet;
  readonly origin: string;
  /** Runs code with globals given as a JSON text, or as a value. */
  call(code: string, globals?: string | object, more?: CallOptions): Promise<Answer>;
  /** The globals that code leaves; throws what else was answered. */
  globals(code: string, globals?: string | object, more?: CallOptions): Promise<Record<string, unknown>>;
  /** The emsg of code that fails; throws what else was answered. */
  emsg(code: string, more?: CallOptions): Promise<string>;
  post(init: RequestInit): Promise<Answer>;
  close(): Promise<void>;
}

export interface CallOptions {
  /** Further members of the payload. */
  readonly payload?: Readonly<Record<string, unknown>>;
  /** Content of python_lib.zip. */
  readonly library?: Uint8Array;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface DoorSettings {
  readonly worker?: Readonly<Record<string, string>>;
  readonly gateway?: Partial<GatewaySettings>;
  /** Of the policy file. */
  readonly policy?: object;
}

/** Limits that leave room for a busy machine; the budget follows them. */
export const patientLimits = { CPU: 4 * patience, REALTIME: 8 * patience };

/** Starts both and waits until the door's own checks have passed. */
export async function startDoor({ worker = {}, gateway = {}, policy = {} }: DoorSettings = {}): Promise<Door> {
  const folder = mkdtempSync(join(tmpdir(), 'bullpen-policy-'));
  const codejailPolicy = join(folder, 'policy.json');
  writeFileSync(codejailPolicy, JSON.stringify({ limits: patientLimits, ...policy }));
  const closers: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    const fleet = await startFleet(worker);
    closers.push(() => fleet.close());
    const running = await startGateway(configOf(fleet, { codejailPolicy, ...gateway }), { withoutKeys: true });
    closers.push(() => running.close(0));
    const isHealthy = async (): Promise<boolean> => (await fetch(`${running.origin}/health/`)).status === 200;
    await eventually('the safety checks pass', isHealthy, 30_000);
    return { ...openDoor(running, fleet), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function configOf(fleet: Fleet, settings: Partial<GatewaySettings>): ReturnType<typeof readGatewayConfig> {
  const own = { redis: fleet.redisSocket, listen: '127.0.0.1:0', logLevel: 'silent' } as const;
  return readGatewayConfig({ ...own, codejailBudgetMs: 20_000 * patience, ...settings }, {});
}

function openDoor({ origin }: RunningGateway, fleet: Fleet): Omit<Door, 'close'> {
  const post = async (init: RequestInit): Promise<Answer> => {
    const response = await fetch(`${origin}/api/v0/code-exec`, { method: 'POST', ...init });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const call: Door['call'] = (code, globals = {}, { payload = {}, library, signal } = {}) => {
    const globalsJson = typeof globals === 'string' ? globals : JSON.stringify(globals);
    const members = JSON.stringify({ code, ...payload }).slice(1);
    const body = formOf(`{"globals_dict":${globalsJson},${members}`, library);
    return post({ body, ...(signal === undefined ? {} : { signal }) });
  };
  const answered = async (...sent: Parameters<Door['call']>): Promise<Record<string, unknown>> => {
    const { status, text } = await call(...sent);
    if (status !== 200) throw new Error(`${status}: ${text.slice(0, 1000)}`);
    return JSON.parse(text) as Record<string, unknown>;
  };
  return {
    fleet,
    origin,
    post,
    call,
    async globals(...sent) {
      const { globals_dict, emsg } = await answered(...sent);
      if (emsg !== undefined) throw new Error(JSON.stringify(emsg));
      return globals_dict as Record<string, unknown>;
    },
    async emsg(code, more) {
      const { globals_dict, emsg } = await answered(code, {}, more);
      if (emsg === undefined) throw new Error(`The code ended: ${JSON.stringify(globals_dict).slice(0, 1000)}`);
      return emsg as string;
    },
  };
}

/** As Python's requests sends it: multipart when there is a file, url-encoded when not. */
function formOf(payload: string, library: Uint8Array | undefined): FormData | URLSearchParams {
  if (library === undefined) return new URLSearchParams({ payload });
  const form = new FormData();
  form.append('payload', payload);
  form.append('python_lib.zip', new Blob([new Uint8Array(library)]), 'python_lib.zip');
  return form;
}
