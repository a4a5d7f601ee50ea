import { fieldHeaderBytes, FrameError, frameBodyMax, frameHeaderBytes, requestTypes, tags } from './frame-format.ts';
import { FrameWriter } from './frame-writer.ts';
import { JailerError } from './jailer-error.ts';
import type { JailCommand, JailFile, JailRequest } from './types.ts';

/** Frames are gathered into writes of about this many bytes, so that back-pressure is felt before memory is. */
const batchBytes = 262_144;
/** Data of one FILE_DATA or STDIN frame: the body less its one field header. */
const dataMax = frameBodyMax - fieldHeaderBytes;
const E2BIG = 7;

/** A directory's mode, as a FILE frame says it. */
const directoryMode = 0o040755;

/** OPEN, the directories and the files, in chunks of whole frames. */
export function* openRequest(request: JailRequest): Generator<Buffer, void, void> {
  const writer = new FrameWriter();
  writer.begin(requestTypes.OPEN).u32(tags.PROFILE, request.profileNumber);
  writer.u64(tags.DISK_BYTES, request.diskBytes).u64(tags.DISK_FILES, request.diskFiles).end();
  for (const path of request.directories ?? [])
    writer.begin(requestTypes.FILE).string(tags.PATH, path).u32(tags.MODE, directoryMode).end();
  for (const file of request.files) yield* writeFile(writer, file);
  yield writer.take();
}

function* writeFile(writer: FrameWriter, file: JailFile): Generator<Buffer, void, void> {
  writer.begin(requestTypes.FILE).string(tags.PATH, file.path).u32(tags.MODE, file.mode);
  const room = frameBodyMax - Buffer.byteLength(file.path) - 4 - 3 * fieldHeaderBytes;
  if (file.content.length <= room) {
    if (file.content.length > 0) writer.bytes(tags.DATA, file.content);
    writer.end();
  } else {
    writer.end();
    yield* writeData(writer, requestTypes.FILE_DATA, file.content);
  }
  if (writer.length >= batchBytes) yield writer.take();
}

function* writeData(writer: FrameWriter, type: number, data: Uint8Array): Generator<Buffer, void, void> {
  for (let at = 0; at < data.length; at += dataMax) {
    writer
      .begin(type)
      .bytes(tags.DATA, data.subarray(at, at + dataMax))
      .end();
    if (writer.length >= batchBytes) yield writer.take();
  }
}

/** STDIN frames and RUN, in chunks of whole frames. Throws a JailerError at once when argv and env do not fit one frame. */
export function runRequest(command: JailCommand): Iterable<Buffer> {
  const run = runFrame(command);
  return command.stdin.length === 0 ? [run] : stdinThenRun(command.stdin, run);
}

function* stdinThenRun(stdin: Uint8Array, run: Buffer): Generator<Buffer, void, void> {
  const writer = new FrameWriter(Math.min(batchBytes, stdin.length + run.length + 4 * frameHeaderBytes));
  yield* writeData(writer, requestTypes.STDIN, stdin);
  if (writer.length > 0) yield writer.take();
  yield run;
}

function runFrame({ argv, env, limits }: JailCommand): Buffer {
  const writer = new FrameWriter().begin(requestTypes.RUN);
  for (const word of argv) writer.string(tags.ARG, word);
  for (const entry of env) writer.string(tags.ENV, entry);
  writer.u64(tags.WALL_MS, limits.wallTimeMs).u64(tags.CPU_MS, limits.cpuTimeMs).u64(tags.MEMORY, limits.memoryBytes);
  writer.u64(tags.ADDRESS_SPACE, limits.addressSpaceBytes ?? 0).u64(tags.PROCESSES, limits.processes);
  writer.u64(tags.FILE_SIZE, limits.fileSizeBytes).u64(tags.OPEN_FILES, limits.openFiles);
  writer.u64(tags.STACK, limits.stackBytes).u64(tags.OUTPUT, limits.outputBytes);
  const body = writer.length - frameHeaderBytes;
  if (body > frameBodyMax) {
    const detail = `the command's arguments and environment take ${body} bytes and one frame holds ${frameBodyMax}; pass large data by stdin or files`;
    throw new JailerError({ step: 'request', errno: E2BIG, detail });
  }
  return writer.end().take();
}

/** KILL: ends the running command. */
export const killRequest = (): Buffer => new FrameWriter(frameHeaderBytes).begin(requestTypes.KILL).end().take();

/** CLOSE: destroys the jail. */
export const closeRequest = (): Buffer => new FrameWriter(frameHeaderBytes).begin(requestTypes.CLOSE).end().take();

/** COLLECT: reads one file of the work directory. */
export const collectRequest = (path: string, maxBytes: number): Buffer =>
  new FrameWriter(256).begin(requestTypes.COLLECT).string(tags.PATH, path).u64(tags.MAX_BYTES, maxBytes).end().take();

/** SYNC: a keeper that was announced with this nonce listens to what follows. */
export const syncRequest = (nonce: Uint8Array): Buffer =>
  new FrameWriter(32).begin(requestTypes.SYNC).bytes(tags.NONCE, nonce).end().take();

/** Turns a FrameError of a request into the JailerError that callers know. */
export function asRequestError(error: unknown): unknown {
  if (!(error instanceof FrameError)) return error;
  return new JailerError({ step: 'request', errno: 0, detail: error.message }, { cause: error });
}
