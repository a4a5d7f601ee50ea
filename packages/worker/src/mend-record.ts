import { z } from 'zod';

/** What stands in the place of a record that BullMQ could not read, and what Redis must forget so that it can be ended there. */
export interface MendedRecord {
  /** Names and values of the record's fields, one after the other. */
  readonly fields: readonly string[];
  readonly forget: readonly string[];
}

/** No job of ours has these: they make BullMQ reach for other jobs, of other queues too, before it runs the job or when it ends. */
const foreign: ReadonlySet<string> = new Set(['parent', 'parentKey', 'rjk', 'deid']);
/** BullMQ counts in these; what is no number stays in the way of each attempt to end the job. */
const counters: ReadonlySet<string> = new Set(['ats', 'atm', 'attemptsMade', 'stc']);

/** A message of more characters goes with its job's end: it holds files that would stay in Redis for as long as the record. The result stays. */
const keptMessageLength = 262_144;

const optionsSchema = z.object({ attempts: z.int().min(1).max(20).catch(1) }).catch({ attempts: 1 });

/**
 * Makes a record of the queue, flat as Redis returns it, readable whatever somebody wrote into it: BullMQ parses records before anybody can
 * refuse a job, and hands out one that does not parse again and again. The message is left for `parseMessage` to judge; of the options only
 * the number of attempts counts, and a job whose number is none of ours gets one.
 */
export function mendRecord(flat: readonly string[]): MendedRecord {
  const fields: string[] = [];
  const forget: string[] = [];
  let options = '';
  let isLarge = false;
  for (let index = 0; index + 1 < flat.length; index += 2) {
    const [name = '', value = ''] = flat.slice(index, index + 2);
    if (foreign.has(name) || (counters.has(name) && !isCount(value))) forget.push(name);
    else if (name === 'opts') options = value;
    else if (name === 'data') {
      fields.push(name, readJson(value) === undefined ? '{}' : value);
      isLarge = value.length > keptMessageLength;
    } else if (name !== 'progress') fields.push(name, value);
  }
  const ending = isLarge ? { removeOnComplete: true } : {};
  fields.push('opts', JSON.stringify({ ...optionsSchema.parse(readJson(options)), ...ourOptions, ...ending }));
  return { fields, forget };
}

/** As our clients write them; workers decide about everything else. */
const ourOptions = { backoff: { type: 'bullpen' }, stackTraceLimit: 1 };

/** Whether Redis can add to it. */
export function isCount(value: string): boolean {
  return /^(?:0|[1-9]\d{0,14})$/.test(value);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
