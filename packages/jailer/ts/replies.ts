import { readFields, stringField, u32Field, u64Field } from './fields.ts';
import { FrameError, tags } from './frame-format.ts';
import type { JailerFailure } from './jailer-error.ts';
import type { CapturedStream, CollectAnswer, EndedBy, JailLayer, JailReport } from './types.ts';

/** The first frame of a keeper. The NONCE that the later ones carry was looked for before. */
export interface Hello {
  readonly version: string;
  readonly slot: number;
  readonly uid: number;
}

type RefusalReason = Extract<CollectAnswer, { state: 'refused' }>['reason'];

const endedByNames: readonly EndedBy[] = ['itself', 'wall-time', 'cpu-time', 'output', 'kill'];
const refusals: readonly (RefusalReason | undefined)[] = [
  undefined,
  'missing',
  'not-a-regular-file',
  'has-other-links',
  'outside-the-work-directory',
  'too-large',
  'unreadable',
];

/** Numbers and strings of a reply by tag; `need` throws a FrameError for one that is absent. */
class FieldMap {
  readonly #values = new Map<number, Buffer>();

  constructor(body: Buffer) {
    readFields(body, (tag, bytes) => {
      if (this.#values.has(tag)) throw new FrameError(`Field ${tag} is given twice.`);
      this.#values.set(tag, bytes);
    });
  }

  need(tag: number): Buffer {
    const bytes = this.#values.get(tag);
    if (bytes === undefined) throw new FrameError(`Field ${tag} is missing.`);
    return bytes;
  }

  u32 = (tag: number): number => u32Field(tag, this.need(tag));
  u64 = (tag: number): number => u64Field(tag, this.need(tag));
  string = (tag: number): string => stringField(tag, this.need(tag));
  optionalU32 = (tag: number): number | null => (this.#values.has(tag) ? this.u32(tag) : null);
}

export function parseHello(body: Buffer): Hello {
  const fields = new FieldMap(body);
  return { version: fields.string(tags.VERSION), slot: fields.u32(tags.SLOT), uid: fields.u32(tags.UID) };
}

export function parseOpened(body: Buffer): readonly JailLayer[] {
  const layers: JailLayer[] = [];
  readFields(body, (tag, bytes) => {
    if (tag !== tags.LAYER) throw new FrameError(`Field ${tag} has no place in OPENED.`);
    const text = stringField(tag, bytes);
    const equals = text.indexOf('=');
    if (equals < 1) throw new FrameError(`A layer must read name=detail, got ${JSON.stringify(text)}.`);
    layers.push({ name: text.slice(0, equals), detail: text.slice(equals + 1) });
  });
  return layers;
}

/** The bytes of STDOUT, STDERR or CONTENT: a view of the body. */
export function parseData(body: Buffer): Buffer {
  return new FieldMap(body).need(tags.DATA);
}

export function parseExited(body: Buffer, stdout: Uint8Array, stderr: Uint8Array): JailReport {
  const fields = new FieldMap(body);
  const endedBy = endedByNames[fields.u32(tags.ENDED_BY)];
  if (endedBy === undefined) throw new FrameError(`ENDED_BY must be 0 to 4, got ${fields.u32(tags.ENDED_BY)}.`);
  const captured = (bytes: Uint8Array, tag: number): CapturedStream => ({ bytes, bytesSeen: fields.u64(tag) });
  return {
    endedBy,
    exitCode: fields.optionalU32(tags.EXIT_CODE),
    signal: fields.optionalU32(tags.SIGNAL),
    startErrno: fields.u32(tags.START_ERRNO),
    wallTimeUs: fields.u64(tags.WALL_US),
    userTimeUs: fields.u64(tags.USER_US),
    systemTimeUs: fields.u64(tags.SYSTEM_US),
    peakMemoryBytes: fields.u64(tags.PEAK_MEMORY),
    oomKills: fields.u64(tags.OOM_KILLS),
    processesRefused: fields.u64(tags.PROCESSES_REFUSED),
    diskBytes: fields.u64(tags.DISK_BYTES_USED),
    diskFiles: fields.u64(tags.DISK_FILES_USED),
    diskFull: fields.u32(tags.DISK_FULL) !== 0,
    stdout: captured(stdout, tags.STDOUT_SEEN),
    stderr: captured(stderr, tags.STDERR_SEEN),
  };
}

export function parseFound(body: Buffer): { readonly mode: number; readonly size: number } {
  const fields = new FieldMap(body);
  return { mode: fields.u32(tags.MODE), size: fields.u64(tags.SIZE) };
}

export function parseRefused(body: Buffer): RefusalReason {
  const number = new FieldMap(body).u32(tags.REASON);
  const reason = refusals[number];
  if (reason === undefined) throw new FrameError(`REASON must be 1 to 6, got ${number}.`);
  return reason;
}

export function parseError(body: Buffer): JailerFailure {
  const fields = new FieldMap(body);
  return { step: fields.string(tags.STEP), errno: fields.u32(tags.ERRNO), detail: fields.string(tags.DETAIL) };
}
