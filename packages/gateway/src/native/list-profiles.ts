import type { Profile } from '@bullpen/profiles';
import type { Context } from 'hono';
import type { GatewayEnvironment } from '../http/environment.ts';
import type { NativeContext } from './native-context.ts';

/** `GET /v1/profiles`: those that the caller's key may use. */
export function listProfiles({ catalog }: NativeContext) {
  return async (c: Context<GatewayEnvironment>): Promise<Response> => {
    const allowed = c.get('caller').ceilings.profiles;
    const profiles = catalog.profiles.filter(({ name }) => allowed?.includes(name) ?? true);
    return c.json({ profiles: profiles.map(describeProfile) });
  };
}

/** What a producer needs to know; where things lie on the workers' hosts is nobody's business. */
function describeProfile({ name, version, summary, extensions, toolchain, defaults, ceilings, confinement }: Profile) {
  return { name, version, title: toolchain.title, summary, extensions, defaults, ceilings, confinement };
}
