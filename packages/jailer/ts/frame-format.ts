/** Bytes of a frame's header: body length (u32), type (u16), zero (u16). */
export const frameHeaderBytes = 8;
/** The largest body of a frame, in bytes. */
export const frameBodyMax = 131_072;
/** Bytes of a field's header: tag (u16), zero (u16), length (u32). */
export const fieldHeaderBytes = 8;

/** What the worker's side sends, by the names of docs/jailer.md. */
export const requestTypes = {
  OPEN: 1,
  FILE: 2,
  FILE_DATA: 3,
  STDIN: 4,
  RUN: 5,
  KILL: 6,
  COLLECT: 7,
  CLOSE: 8,
  SYNC: 9,
} as const;

/** What a keeper answers. */
export const replyTypes = {
  HELLO: 65,
  OPENED: 66,
  STDOUT: 67,
  STDERR: 68,
  EXITED: 69,
  FOUND: 70,
  CONTENT: 71,
  CONTENT_END: 72,
  REFUSED: 73,
  CLOSED: 74,
  ERROR: 75,
} as const;

/** Tags of the fields. */
export const tags = {
  PROFILE: 1,
  PATH: 2,
  MODE: 3,
  DATA: 4,
  ARG: 5,
  ENV: 6,
  MAX_BYTES: 7,
  WALL_MS: 16,
  CPU_MS: 17,
  MEMORY: 18,
  ADDRESS_SPACE: 19,
  PROCESSES: 20,
  FILE_SIZE: 21,
  OPEN_FILES: 22,
  STACK: 23,
  OUTPUT: 24,
  DISK_BYTES: 25,
  DISK_FILES: 26,
  ENDED_BY: 32,
  EXIT_CODE: 33,
  SIGNAL: 34,
  START_ERRNO: 35,
  WALL_US: 36,
  USER_US: 37,
  SYSTEM_US: 38,
  PEAK_MEMORY: 39,
  OOM_KILLS: 40,
  PROCESSES_REFUSED: 41,
  DISK_BYTES_USED: 42,
  DISK_FILES_USED: 43,
  DISK_FULL: 44,
  STDOUT_SEEN: 45,
  STDERR_SEEN: 46,
  STEP: 48,
  ERRNO: 49,
  DETAIL: 50,
  LAYER: 51,
  REASON: 52,
  SIZE: 53,
  VERSION: 54,
  SLOT: 55,
  UID: 56,
  NONCE: 57,
} as const;

/** A frame that breaks a rule of docs/jailer.md, in either direction. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}
