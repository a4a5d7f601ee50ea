import { z } from 'zod';
import { jobBounds } from './job.ts';

export const streamNames = ['stdout', 'stderr'] as const;
export type StreamName = (typeof streamNames)[number];

/** Sizes of messages about followed output. */
export const liveOutputBounds = {
  /** Bytes of output in one message. */
  pieceBytes: 65_536,
  /** The most that a stream of a command can have: far beyond every limit. */
  offset: 2 ** 40,
  attempt: 1_000_000,
} as const;

const base64Chars = Math.ceil(liveOutputBounds.pieceBytes / 3) * 4;
/** Everything of a message but its data is short. */
const messageChars = base64Chars + 256;

const isPiece = (data: string): boolean => data.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(data);

/** Counts from 1: a follower who sees it grow knows that the run before was interrupted, and that what it wrote is void. */
const attemptSchema = z.int().min(1).max(liveOutputBounds.attempt);

/**
 * What a worker says on a job's output channel while somebody follows the job: that the output of an attempt is told from its beginning, or a
 * piece of what a command wrote, with the place where it belongs.
 */
export const liveOutputSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('started'), attempt: attemptSchema }),
  z.strictObject({
    kind: z.literal('output'),
    attempt: attemptSchema,
    command: z
      .int()
      .min(0)
      .max(jobBounds.commands - 1),
    stream: z.enum(streamNames),
    /** Bytes of the stream before this piece. */
    offset: z.int().min(0).max(liveOutputBounds.offset),
    /** Base64 of 1 to `pieceBytes` bytes. */
    data: z.string().max(base64Chars).refine(isPiece, 'must be base64 with padding, and not empty'),
  }),
]);

export type LiveOutput = z.infer<typeof liveOutputSchema>;

/** A message as it travels. Base64 needs no escaping, and looking for what does is most of the work for a full piece. */
export function renderLiveOutput(message: LiveOutput): string {
  if (message.kind === 'started') return JSON.stringify(message);
  const { data, ...place } = message;
  return `${JSON.stringify(place).slice(0, -1)},"data":"${data}"}`;
}

/** Reads a message of an output channel, on which anybody may speak who can reach Redis: null when it is not one. */
export function parseLiveOutput(text: string): LiveOutput | null {
  if (text.length > messageChars) return null;
  try {
    const parsed = liveOutputSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null; // no JSON
  }
}
