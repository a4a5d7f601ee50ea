/**
 * Writes deploy/apparmor/<profile>.apparmor for every built-in profile, and removes the files of profiles that are gone:
 *
 *     node --conditions=@bullpen/source packages/profiles/src/apparmor/write-apparmor-files.ts
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { builtinProfiles } from '../builtin/index.ts';
import { renderAppArmorProfile } from './render-apparmor-profile.ts';

const directory = new URL('../../../../deploy/apparmor/', import.meta.url);

/** Name of each generated file and its text. */
export function renderAppArmorFiles(): ReadonlyMap<string, string> {
  return new Map(builtinProfiles.map((profile) => [`${profile.name}.apparmor`, renderAppArmorProfile(profile).text]));
}

function writeAppArmorFiles(): void {
  const files = renderAppArmorFiles();
  mkdirSync(directory, { recursive: true });
  for (const name of readdirSync(directory)) {
    if (name.endsWith('.apparmor') && !files.has(name)) rmSync(new URL(name, directory));
  }
  for (const [name, text] of files) writeFileSync(new URL(name, directory), text);
}

if (import.meta.main) writeAppArmorFiles();
