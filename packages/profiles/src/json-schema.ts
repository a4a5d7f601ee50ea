import { z } from 'zod';
import { profileSchema } from './profile.ts';

/** JSON Schema (draft 2020-12) of a profile as an operator writes it. */
export function profileJsonSchema(): object {
  return z.toJSONSchema(profileSchema.meta({ title: 'Bullpen profile' }), { io: 'input', target: 'draft-2020-12' });
}
