import { z } from 'zod';

/** What a key may be allowed to do. */
export const scopes = [
  'jobs:submit',
  'jobs:read',
  'jobs:cancel',
  'jobs:all',
  'doors:codejail',
  'doors:codebox',
  'metrics',
] as const;

export type Scope = (typeof scopes)[number];

const keyNamePattern = /^[a-z][a-z0-9-]{0,31}$/;

/** The most that jobs of a key may ask for; what is absent is bounded by the profile alone. */
const keyCeilingsSchema = z.strictObject({
  profiles: z.array(z.string()).min(1).optional(),
  /** Wall-clock time of all commands of a job together, in milliseconds. */
  wallTimeMs: z.int().min(1).optional(),
  memoryBytes: z.int().min(1).optional(),
  diskBytes: z.int().min(1).optional(),
  priorities: z
    .array(z.enum(['interactive', 'batch']))
    .min(1)
    .optional(),
  /** Jobs of the key that have not ended. */
  jobs: z.int().min(1).optional(),
});

/** Requests per second, and how many may come at once after a pause. */
const keyRateSchema = z.strictObject({
  perSecond: z.number().positive().max(100_000),
  burst: z.int().min(1).max(1_000_000),
});

/** One API key at rest. Its secret is 256 random bits, which no dictionary holds: a plain SHA-256 is enough, a slow hash would only cost time. */
export const apiKeySchema = z.strictObject({
  /** Also the first part of the ids of its jobs. */
  name: z.string().regex(keyNamePattern, 'must be a small letter, then small letters, digits and dashes, at most 32'),
  /** SHA-256 of the whole key, in hexadecimal. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits'),
  scopes: z.array(z.enum(scopes)),
  ceilings: keyCeilingsSchema.default({}),
  rate: keyRateSchema.nullable().default(null),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable().default(null),
});

export const keyFileSchema = z.strictObject({ v: z.literal(1), keys: z.array(apiKeySchema) });

export type ApiKey = z.output<typeof apiKeySchema>;
export type KeyCeilings = z.output<typeof keyCeilingsSchema>;
export type KeyRate = z.output<typeof keyRateSchema>;
