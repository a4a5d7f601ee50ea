import type { Client } from '@bullpen/client';
import { createCatalog } from '@bullpen/profiles';
import { pino } from 'pino';
import { codeboxDoor } from '../../../src/codebox/index.ts';

/** Nothing of a request that is refused reaches the fleet. */
const client = {
  submit: () => Promise.reject(new Error('A job was submitted.')),
} as unknown as Client;

const json = { 'content-type': 'application/json' };

/** The door without a fleet behind it, whose bodies have at most so many bytes. */
export function openLonelyDoor(bodyBytes: number) {
  const door = codeboxDoor({ client, catalog: createCatalog(), logger: pino({ level: 'silent' }) }, { bodyBytes });
  async function post(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = json) {
    const response = await door.request('/execute', { method: 'POST', body, headers });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }
  return { door, post };
}

/** A request of one command, with one more field. */
export const commandWith = (field: string): string => `{"sources":{},"commands":[{"command":"x",${field}}]}`;
