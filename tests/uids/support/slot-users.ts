import { readdirSync, readFileSync } from 'node:fs';

interface Entry {
  readonly name: string;
  readonly parent: number;
  readonly uid: number;
}

/** Which jailers' programs had which UID, as the host's /proc shows them. */
export interface SlotUserWatch {
  /** UIDs that programs of two jailers had at one moment, as sentences. */
  readonly shared: readonly string[];
  /** UIDs that a program of any jailer had so far. */
  readonly seen: ReadonlySet<number>;
  stop(): void;
}

const betweenLooksMs = 20;

/** Looks every 20 ms who has the UIDs from `lowest` on, until it is stopped. */
export function watchSlotUsers(lowest: number, count: number): SlotUserWatch {
  const shared: string[] = [];
  const seen = new Set<number>();
  const look = (): void => {
    const masters = new Map<number, Set<number>>();
    const processes = readProcesses();
    for (const [pid, { uid }] of processes) {
      const master = uid >= lowest && uid < lowest + count ? masterOf(pid, processes) : undefined;
      if (master === undefined) continue;
      seen.add(uid);
      masters.set(uid, (masters.get(uid) ?? new Set()).add(master));
    }
    for (const [uid, owners] of masters) {
      if (owners.size > 1) shared.push(`UID ${uid} had programs of the jailers ${[...owners].join(' and ')}`);
    }
  };
  const timer = setInterval(look, betweenLooksMs);
  return { shared, seen, stop: () => clearInterval(timer) };
}

function readProcesses(): Map<number, Entry> {
  const processes = new Map<number, Entry>();
  for (const word of readdirSync('/proc')) {
    if (!/^\d+$/.test(word)) continue;
    const entry = readEntry(word);
    if (entry !== null) processes.set(Number(word), entry);
  }
  return processes;
}

function readEntry(pid: string): Entry | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const field = (name: string): string => new RegExp(`^${name}:\\s*(\\S*)`, 'm').exec(status)?.[1] ?? '';
    return { name: field('Name'), parent: Number(field('PPid')), uid: Number(field('Uid')) };
  } catch {
    return null; // it has ended meanwhile
  }
}

/** The outermost: a keeper has its master's name for a moment, until it has given itself its own. */
function masterOf(pid: number, processes: ReadonlyMap<number, Entry>): number | undefined {
  let master: number | undefined;
  for (let at = pid, entry = processes.get(at); entry !== undefined; at = entry.parent, entry = processes.get(at)) {
    if (entry.name === 'bullpen-master') master = at;
  }
  return master;
}
