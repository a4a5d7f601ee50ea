import type { Client } from '@bullpen/client';
import { type CommandReport, decodeOutput } from '@bullpen/protocol';
import type { ResolvedCodeboxOptions } from './codebox-options.ts';
import { runJob } from './run-job.ts';

/** The languages that codebox tells of, how each says its version, and which word of that is the version. */
const languages = [
  { name: 'python', program: 'python3', word: 1 },
  { name: 'rust', program: 'rustc', word: 1 },
  { name: 'sqlite3', program: 'sqlite3', word: 0 },
  { name: 'bash', program: 'bash', word: 3 },
] as const;

/** Generous: nobody's program runs here, and a fleet may just have started. */
const wallTimeMs = 20_000;

/** Version by language, for those that the workers have. */
export type Versions = Readonly<Record<string, string>>;

/** Asks a jail for its languages; an answer is kept for a while, and one question is asked at a time. */
export function createLanguages(client: Client, options: ResolvedCodeboxOptions): () => Promise<Versions> {
  let kept: { readonly versions: Promise<Versions>; readonly untilMs: number } | null = null;

  return async () => {
    if (kept !== null && performance.now() < kept.untilMs) return kept.versions;
    const versions = readVersions(client, options);
    const asked = { versions, untilMs: performance.now() + options.languagesTtlMs };
    kept = asked;
    // A fault is told to whoever asked, and not kept.
    versions.catch(() => {
      if (kept === asked) kept = null;
    });
    return versions;
  };
}

async function readVersions(client: Client, options: ResolvedCodeboxOptions): Promise<Versions> {
  const { profile, queueWaitMs } = options;
  const commands = languages.map(({ program }) => ({
    argv: [program, '--version'],
    limits: { wallTimeMs },
    stopOnFailure: false,
  }));
  const labels = { door: 'codebox' };
  const result = await runJob(client, { profile, commands, limits: options.limits, labels }, { queueWaitMs });
  const versions: Record<string, string> = {};
  for (const [index, { name, word }] of languages.entries()) {
    const version = readVersion(result.commands[index], word);
    if (version !== null) versions[name] = version;
  }
  return versions;
}

function readVersion(report: CommandReport | undefined, word: number): string | null {
  if (report?.outcome.kind !== 'exited' || report.outcome.exitCode !== 0) return null;
  return Buffer.from(decodeOutput(report.stdout)).toString('utf8').match(/\S+/g)?.[word] ?? null;
}
