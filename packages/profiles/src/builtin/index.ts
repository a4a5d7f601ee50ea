import { type Profile, profileSchema } from '../profile.ts';
import { bash } from './bash.ts';
import { c } from './c.ts';
import { codebox } from './codebox.ts';
import { codejail } from './codejail.ts';
import { cpp } from './cpp.ts';
import { go } from './go.ts';
import { java } from './java.ts';
import { node } from './node.ts';
import { perl } from './perl.ts';
import { purePython } from './pure-python.ts';
import { python } from './python.ts';
import { ruby } from './ruby.ts';
import { rust } from './rust.ts';

const inputs = [python, node, bash, c, cpp, rust, java, perl, ruby, go, purePython, codejail, codebox] as const;

/** The profiles that come with Bullpen, in the order in which they are listed. */
export const builtinProfiles: readonly Profile[] = inputs.map((input) => profileSchema.parse(input));

export type BuiltinProfileName = (typeof inputs)[number]['name'];

/** Names of the profiles that come with Bullpen. */
export const profileNames: readonly BuiltinProfileName[] = inputs.map((input) => input.name);
