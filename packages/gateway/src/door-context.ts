import type { Client } from '@bullpen/client';
import type { Catalog } from '@bullpen/profiles';
import type { Logger } from 'pino';

/** What every door of the gateway needs. Each door is a function of it (and of its own options) that returns a Hono app to be mounted. */
export interface DoorContext {
  readonly client: Client;
  readonly logger: Logger;
  /** The profiles of the fleet. */
  readonly catalog: Catalog;
}
