import { type FleetNames, type LayerName, layerNameSchema, missingLayers, rosterKey } from '@bullpen/protocol';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { RedisConnection } from './connect.ts';

/** The layers of a worker's jails, by profile. */
export type LayersByProfile = Readonly<Record<string, readonly LayerName[]>>;

/** What the workers of a fleet say of their jails, so that a job is handed over only while somebody can run it. */
export interface Roster {
  /** What a jail of this profile turned out to have, whatever was said before; null when none of its jobs can run here. */
  learn(profile: string, layers: readonly LayerName[] | null): void;
  /** Whether another worker says that its jails of this profile have these layers. Waits while Redis is away. */
  hasOther(profile: string, required: readonly LayerName[]): Promise<boolean>;
  /** Leaves the roster. */
  close(): Promise<void>;
}

export interface KeepRosterOptions {
  readonly redis: RedisConnection;
  readonly names: FleetNames;
  readonly workerId: string;
  readonly layers: LayersByProfile;
  /** How long the others count on a worker that they do not hear of any more. */
  readonly ttlMs: number;
  onError(error: unknown): void;
}

/** Says what one worker has, forgets those that were not heard of in time, by the clock of Redis, and answers with the rest. */
const script = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f ', now + ARGV[3]) .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3] * 2)
local all = redis.call('HGETALL', KEYS[1])
local present = {}
for index = 1, #all, 2 do
  local validUntil, text = string.match(all[index + 1], '^(%d+) (.*)$')
  if validUntil and tonumber(validUntil) > now then
    present[#present + 1] = all[index]
    present[#present + 1] = text
  else
    redis.call('HDEL', KEYS[1], all[index])
  end
end
return present
`;

/** A worker of a later version may know more layers than we do. */
const entrySchema = z.record(z.string(), z.array(z.string()));
const leaveMs = 1000;

/** Joins the fleet's roster and stays in it until closed. Resolves when the others can see it. */
export async function keepRoster(options: KeepRosterOptions): Promise<Roster> {
  const { redis, names, workerId, ttlMs, onError } = options;
  const key = rosterKey(names);
  let layers = options.layers;
  const stop = new AbortController();

  async function exchange(): Promise<ReadonlyMap<string, string>> {
    const flat = (await redis.eval(script, 1, key, workerId, JSON.stringify(layers), ttlMs)) as string[];
    return new Map(flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : [])));
  }

  async function stayForever(): Promise<never> {
    for (;;) {
      await delay(ttlMs / 3, undefined, { signal: stop.signal, ref: false });
      await exchange().catch(onError);
    }
  }

  await exchange();
  void stayForever().catch((error: unknown) => {
    if (!stop.signal.aborted) onError(error);
  });
  return {
    learn(profile, learned) {
      const { [profile]: _supposed, ...others } = layers;
      layers = learned === null ? others : { ...others, [profile]: learned };
    },
    async hasOther(profile, required) {
      const others = await exchange();
      return [...others].some(([worker, text]) => worker !== workerId && hasLayers(text, profile, required));
    },
    async close() {
      stop.abort();
      // A Redis that is away forgets us by itself.
      const timer = new AbortController();
      const overdue = delay(leaveMs, undefined, { signal: timer.signal }).catch(() => {});
      await Promise.race([redis.hdel(key, workerId).catch(onError), overdue]);
      timer.abort();
    },
  };
}

/** Whatever can write to Redis can write there: what does not read as an entry has nothing. */
function hasLayers(text: string, profile: string, required: readonly LayerName[]): boolean {
  try {
    const names = entrySchema.parse(JSON.parse(text))[profile];
    if (names === undefined) return false;
    return (
      missingLayers(
        required,
        names.map((name) => ({ name })),
      ).length === 0
    );
  } catch {
    return false; // no entry
  }
}

/** What a worker says before a jail of each profile was made: what one jail has, but AppArmor, which each profile has or has not. */
export function supposeLayers(
  measured: readonly { readonly name: string }[],
  profiles: readonly string[],
  apparmor: ReadonlyMap<string, unknown>,
): LayersByProfile {
  const names = knownLayers(measured).filter((name) => name !== 'apparmor');
  return Object.fromEntries(
    profiles.map((profile) => [profile, apparmor.has(profile) ? [...names, 'apparmor' as const] : names]),
  );
}

/** The names of measured layers. */
export function knownLayers(measured: readonly { readonly name: string }[]): readonly LayerName[] {
  return measured.flatMap(({ name }) => {
    const parsed = layerNameSchema.safeParse(name);
    return parsed.success ? [parsed.data] : [];
  });
}
