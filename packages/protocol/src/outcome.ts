import { z } from 'zod';

/** Why a command never ran its first instruction although the jail was ready. */
export const notStartedReasons = [
  'program-not-found',
  'program-not-executable',
  'program-format-unknown',
  'arguments-too-long',
] as const;

/**
 * How a command ended: a closed union. What the program did is always an outcome;
 * what Bullpen failed to do is a fault (see errors.ts) and never appears here.
 */
export const outcomeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('exited'), exitCode: z.int().min(0).max(255) }),
  z.strictObject({ kind: z.literal('signaled'), signal: z.string() }),
  z.strictObject({ kind: z.literal('wall-time-exceeded') }),
  z.strictObject({ kind: z.literal('cpu-time-exceeded') }),
  z.strictObject({ kind: z.literal('memory-exceeded') }),
  z.strictObject({ kind: z.literal('output-exceeded') }),
  z.strictObject({ kind: z.literal('not-started'), reason: z.enum(notStartedReasons) }),
  z.strictObject({ kind: z.literal('cancelled') }),
  /** An earlier command of the job failed and asked for the rest to be left out. */
  z.strictObject({ kind: z.literal('skipped') }),
]);

export type Outcome = z.infer<typeof outcomeSchema>;
export type OutcomeKind = Outcome['kind'];
