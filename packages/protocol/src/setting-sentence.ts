import { issueRequirement } from '@bullpen/profiles';
import type { z } from 'zod';

/**
 * What is wrong with the settings that a schema refused: for each one a sentence with its name, its value and what it must be. `nameOf` says
 * how a setting is called where it was set, such as `BULLPEN_SLOTS`.
 */
export function settingSentences(
  { issues }: z.ZodError,
  settings: Readonly<Record<string, unknown>>,
  nameOf: (setting: string) => string = (setting) => setting,
): string {
  const refused = [...new Set(issues.map(settingOf))];
  const sentences = refused.map((setting) => {
    const requirements = issues.filter((issue) => settingOf(issue) === setting).map(requirementOf);
    // Of several problems with one value the schema's own words say most.
    const told = requirements.find(({ isOwn }) => isOwn) ?? requirements[0];
    return `${nameOf(setting)} is ${JSON.stringify(settings[setting])}: ${told?.text ?? 'is malformed'}.`;
  });
  return sentences.join(' ');
}

function settingOf({ path }: z.core.$ZodIssue): string {
  return String(path[0] ?? 'settings');
}

function requirementOf(issue: z.core.$ZodIssue): { readonly isOwn: boolean; readonly text: string } {
  // The beginnings of zod's own messages.
  const isOwn = !/^(Invalid|Too|Unrecognized|Expected)/.test(issue.message);
  return { isOwn, text: isOwn ? issue.message : issueRequirement(issue) };
}
