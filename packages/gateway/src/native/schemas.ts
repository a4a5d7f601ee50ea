import { limitsSchema, confinementSchema, profileSchema } from '@bullpen/profiles';
import {
  collectedFileSchema,
  commandReportSchema,
  commandSchema,
  jobSchema,
  jobStates,
  outcomeSchema,
  outputSchema,
  receiptSchema,
  resultSchema,
} from '@bullpen/protocol';
import { z } from '@hono/zod-openapi';
import { problemKinds } from '../http/problem.ts';

// The schemas of the protocol under names of the document; what is checked is the protocol's own. They are cloned, since schemas that were made
// before this library was loaded lack its method.

const command = commandSchema.clone().openapi('Command');
const limits = limitsSchema.clone().openapi('Limits');
const outcome = outcomeSchema.clone().openapi('Outcome');
const output = outputSchema.clone().openapi('Output');
const commandReport = commandReportSchema.extend({ outcome, stdout: output, stderr: output }).openapi('CommandReport');
const collectedFile = collectedFileSchema.clone().openapi('CollectedFile');
const receipt = receiptSchema.clone().openapi('Receipt');

/** A job as it is sent: without an id, which the gateway chooses. */
export const jobBody = jobSchema
  .omit({ id: true })
  .extend({ commands: z.array(command).min(1) })
  .openapi('Job', {
    example: {
      profile: 'python',
      files: [{ path: 'main.py', content: 'print(6 * 7)' }],
      commands: [{ argv: ['python3', 'main.py'] }],
    },
  });

export const resultBody = resultSchema
  .extend({ commands: z.array(commandReport), files: z.array(collectedFile), receipt: receipt.nullable() })
  .openapi('Result');

const jobState = z.enum(jobStates).exclude(['unknown']).openapi('JobState');

export const acceptedBody = z.strictObject({ id: z.string(), state: jobState }).openapi('Accepted');

export const statusBody = z
  .strictObject({
    id: z.string(),
    state: jobState,
    position: z.int().min(1).nullable().describe('How many jobs are taken until it is its turn, itself included.'),
    submittedAt: z.number().nullable().describe('Milliseconds since the epoch, as the other times.'),
    startedAt: z.number().nullable(),
    finishedAt: z.number().nullable(),
  })
  .openapi('JobStatus');

const profile = z
  .strictObject({
    ...profileSchema.pick({ name: true, version: true, summary: true, extensions: true }).shape,
    title: z.string(),
    defaults: limits,
    ceilings: limits,
    confinement: confinementSchema,
  })
  .openapi('Profile');

export const profilesBody = z.strictObject({ profiles: z.array(profile) }).openapi('Profiles');

export const problemBody = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('One sentence: what was wrong, and what to do.'),
    code: z.enum(Object.keys(problemKinds) as [string, ...string[]]),
  })
  .openapi('Problem');

export const jobIdParameter = z.object({
  id: z.string().openapi({ param: { name: 'id', in: 'path' }, example: 'ci.kQ3mZ0Xc1W5v8y2B4n6p7Q' }),
});

export const waitQuery = z.object({
  wait: z
    .string()
    .optional()
    .openapi({
      param: { name: 'wait', in: 'query' },
      type: 'number',
      minimum: 0,
      maximum: 60,
      description: 'Seconds to wait for the result.',
    }),
});
