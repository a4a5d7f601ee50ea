import type { HonoRequest } from 'hono';
import { isLoopback } from './listen.ts';
import { Problem } from './problem.ts';

/**
 * Where no key is asked for, any web page that a user of this machine or network opens could send requests. Browsers say where these come from,
 * and programs do not; a page whose own name was made to lead to this machine is known by that name in `Host`.
 * Throws a Problem `forbidden`.
 */
export function refuseBrowsers(request: HonoRequest, { onlyLoopback }: { readonly onlyLoopback: boolean }): void {
  const site = request.header('sec-fetch-site');
  const origin = request.header('origin');
  if (origin !== undefined || (site !== undefined && site !== 'none' && site !== 'same-origin')) {
    throw new Problem('forbidden', 'Requests of web pages are not answered here: send them from a program.');
  }
  const { hostname } = new URL(request.url);
  if (onlyLoopback && !isLoopback(hostname.replace(/^\[|\]$/g, ''))) {
    throw new Problem('forbidden', `Only localhost is answered here without keys, not ${hostname}.`);
  }
}
