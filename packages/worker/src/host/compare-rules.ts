import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readProgramBytes } from '@bullpen/jailer';
import type { AppArmorProfile } from '@bullpen/profiles';

const places = ['/usr/sbin/apparmor_parser', '/sbin/apparmor_parser', '/usr/bin/apparmor_parser'];
const policy = '/sys/kernel/security/apparmor/policy/profiles';

/** Compiles the text of a profile as `bullpen apparmor load` does, without loading it. */
export type CompileRules = (text: string) => Promise<Uint8Array>;

/**
 * Which of the profiles this kernel has under their names, but with other rules than their text: a name says what was rendered, not what somebody
 * loaded. Compares what the kernel was given with what the parser makes of the text now. Empty where it cannot be known: without a parser, to
 * others than root, in kernels that do not keep what they were given, and where the parser fails (its own files may not be installed).
 */
export async function findAlteredRules(
  profiles: readonly AppArmorProfile[],
  {
    folder = policy,
    compile = findCompiler(),
  }: { readonly folder?: string; readonly compile?: CompileRules | null } = {},
): Promise<ReadonlySet<string>> {
  if (compile === null) return new Set();
  const names = await Promise.all(
    profiles.map(async ({ name, text }) => {
      const given = readGiven(folder, name);
      const wanted = given === null ? null : await compile(text).catch(() => null);
      return given === null || wanted === null || given.equals(wanted) ? [] : [name];
    }),
  );
  return new Set(names.flat());
}

function findCompiler(): CompileRules | null {
  const parser = places.find((path) => existsSync(path));
  if (parser === undefined) return null;
  return (text) => readProgramBytes(parser, ['--skip-kernel-load', '--skip-cache', '--stdout'], text);
}

/** The kernel has a folder `NAME.NUMBER` for each loaded profile. */
function readGiven(folder: string, name: string): Buffer | null {
  try {
    const entry = readdirSync(folder).find((each) => each.startsWith(`${name}.`));
    return entry === undefined ? null : readFileSync(join(folder, entry, 'raw_data'));
  } catch {
    return null; // not mounted, not ours to read, or not kept by this kernel
  }
}
