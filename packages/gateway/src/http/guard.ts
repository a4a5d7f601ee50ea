import type { Context, MiddlewareHandler } from 'hono';
import type { DoorName } from '../door-names.ts';
import { type Scope, scopes } from '../keys/api-key.ts';
import type { Caller } from '../keys/caller.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { GatewayEnvironment } from './environment.ts';
import { refuseBrowsers } from './refuse-browsers.ts';
import { Problem } from './problem.ts';

/** Who may come in. */
export interface Access {
  /** Null where a listener on this machine's loopback takes everybody for its user. */
  readonly keys: KeyRing | null;
  readonly openDoors: readonly DoorName[];
}

/** What a path needs: nothing, a key, or a key with a scope. Paths that are not here lead nowhere, whatever a door mounts. */
type Need =
  | { readonly kind: 'open' }
  | { readonly kind: 'key' }
  | { readonly kind: 'scope'; readonly scope: Scope; readonly door?: DoorName };

const exactNeeds: ReadonlyMap<string, Need> = new Map<string, Need>([
  ['/live', { kind: 'open' }],
  ['/ready', { kind: 'open' }],
  ['/health/', { kind: 'open' }],
  ['/health', { kind: 'open' }],
  ['/docs', { kind: 'open' }],
  ['/openapi.json', { kind: 'open' }],
  ['/metrics', { kind: 'scope', scope: 'metrics' }],
  ['/api/v0/code-exec', { kind: 'scope', scope: 'doors:codejail', door: 'codejail' }],
  ['/execute', { kind: 'scope', scope: 'doors:codebox', door: 'codebox' }],
  ['/languages', { kind: 'scope', scope: 'doors:codebox', door: 'codebox' }],
]);

/** Everybody on the loopback interface of a machine that asks for no keys. */
const localCaller: Caller = {
  name: 'local',
  scopes: new Set(scopes),
  ceilings: {},
  rate: null,
};

const openCaller: Caller = { name: 'open', scopes: new Set(), ceilings: {}, rate: null };

/** Lets nobody in without the key that a path needs. It reads heads only: a body is not even received before. */
export function guard(access: Access): MiddlewareHandler<GatewayEnvironment> {
  return async (c, next) => {
    const need = exactNeeds.get(c.req.path) ?? (c.req.path.startsWith('/v1/') ? ({ kind: 'key' } as const) : null);
    if (need?.kind === 'open') return next();
    const caller = identify(c, access, need);
    c.set('caller', caller);
    if (need === null) throw new Problem('not-found', `Nothing is at ${c.req.path}: see /docs.`);
    if (need.kind === 'scope') requireScope(caller, need.scope, access, need.door);
    return next();
  };
}

function identify(c: Context<GatewayEnvironment>, access: Access, need: Need | null): Caller {
  const isOpenDoor = need?.kind === 'scope' && need.door !== undefined && access.openDoors.includes(need.door);
  const authorization = c.req.header('authorization');
  if (access.keys === null) {
    refuseBrowsers(c.req, { onlyLoopback: true });
    return localCaller;
  }
  if (authorization === undefined && isOpenDoor) {
    refuseBrowsers(c.req, { onlyLoopback: false });
    return openCaller;
  }
  const [, text] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  const caller = text === undefined ? null : access.keys.find(text);
  if (caller !== null) return caller;
  throw new Problem('unauthorized', 'Send an API key that is valid here: Authorization: Bearer bp_NAME_SECRET.', {
    headers: { 'www-authenticate': 'Bearer realm="bullpen"' },
  });
}

/** Throws a Problem `forbidden` when the caller's key lacks the scope. */
export function requireScope(caller: Caller, scope: Scope, access?: Access, door?: DoorName): void {
  if (caller.scopes.has(scope)) return;
  if (door !== undefined && caller === openCaller && access?.openDoors.includes(door) === true) return;
  throw new Problem('forbidden', `The key ${caller.name} lacks the scope ${scope}.`);
}
