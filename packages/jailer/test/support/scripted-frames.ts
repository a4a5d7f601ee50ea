import { replyTypes, tags } from '../../ts/frame-format.ts';
import { FrameWriter } from '../../ts/frame-writer.ts';

/** Frames as a keeper sends them. */
export const helloFrame = (slot: number, nonce?: Buffer): Buffer => {
  const writer = new FrameWriter().begin(replyTypes.HELLO);
  if (nonce !== undefined) writer.bytes(tags.NONCE, nonce);
  return writer
    .string(tags.VERSION, 'bullpen-jailer/0.1.0')
    .u32(tags.SLOT, slot)
    .u32(tags.UID, 4000 + slot)
    .end()
    .take();
};

export const openedFrame = (...layers: string[]): Buffer => {
  const writer = new FrameWriter().begin(replyTypes.OPENED);
  for (const layer of layers) writer.string(tags.LAYER, layer);
  return writer.end().take();
};

export const stdoutFrame = (data: Uint8Array): Buffer =>
  new FrameWriter().begin(replyTypes.STDOUT).bytes(tags.DATA, data).end().take();

export const errorFrame = (step: string, errno: number, detail: string): Buffer =>
  new FrameWriter()
    .begin(replyTypes.ERROR)
    .string(tags.STEP, step)
    .u32(tags.ERRNO, errno)
    .string(tags.DETAIL, detail)
    .end()
    .take();

export const closedFrame = (): Buffer => new FrameWriter().begin(replyTypes.CLOSED).end().take();

export const exitedFrame = (exitCode: number): Buffer => {
  const writer = new FrameWriter()
    .begin(replyTypes.EXITED)
    .u32(tags.ENDED_BY, 0)
    .u32(tags.EXIT_CODE, exitCode)
    .u32(tags.START_ERRNO, 0);
  const numbers = [
    tags.WALL_US,
    tags.USER_US,
    tags.SYSTEM_US,
    tags.PEAK_MEMORY,
    tags.OOM_KILLS,
    tags.PROCESSES_REFUSED,
  ];
  for (const tag of [...numbers, tags.DISK_BYTES_USED, tags.DISK_FILES_USED]) writer.u64(tag, tag);
  return writer.u32(tags.DISK_FULL, 1).u64(tags.STDOUT_SEEN, 5).u64(tags.STDERR_SEEN, 6).end().take();
};
