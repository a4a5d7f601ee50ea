import type { HttpBindings } from '@hono/node-server';
import type { Caller } from '../keys/caller.ts';
import type { Place } from '../keys/key-quotas.ts';

/** What routes find in a request's context. Without a socket (`app.request` of a test) there are no bindings. */
export interface GatewayEnvironment {
  Bindings: Partial<HttpBindings>;
  Variables: {
    /** There for every request that needed a key. */
    caller: Caller;
    /** There for every request that may submit a job of a key with a ceiling of jobs. */
    place?: Place;
  };
}
