import { z } from 'zod';
import { jobSchema } from './job.ts';
import { resultSchema } from './result.ts';

/** JSON Schema (draft 2020-12) of a job as a producer writes it. Bounds over several fields together are checked by `parseJob` only. */
export function jobJsonSchema(): object {
  return z.toJSONSchema(jobSchema.meta({ title: 'Bullpen job' }), { io: 'input', target: 'draft-2020-12' });
}

/** JSON Schema (draft 2020-12) of a result as a consumer reads it. */
export function resultJsonSchema(): object {
  return z.toJSONSchema(resultSchema.meta({ title: 'Bullpen result' }), { io: 'output', target: 'draft-2020-12' });
}
