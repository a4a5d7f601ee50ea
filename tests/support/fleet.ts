import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createClient, type JobToSubmit } from '@bullpen/client';
import type { CommandReport, Result } from '@bullpen/protocol';
import { startBareFleet } from './bare-fleet.ts';
import type { Fleet, ProbeAnswer } from './fleet-types.ts';
import { noteAnswers } from './note-answers.ts';
import { patience } from './patience.ts';
import { joinServers, startServers } from './servers.ts';

export type { Fleet, ProbeAnswer } from './fleet-types.ts';

const probesFolder = fileURLToPath(new URL('../probes', import.meta.url));

let probe: string | undefined;
/** The probe program as base64, built when its sources are newer; it needs the libraries of the host, as the profile `bash` shows them. */
export function probeProgram(): string {
  if (probe === undefined) {
    execFileSync('make', ['--silent', '-C', probesFolder]);
    probe = readFileSync(`${probesFolder}/build/small-probe`, 'base64');
  }
  return probe;
}

/** Starts a fleet on the rung of this run; `settings` are the worker's `BULLPEN_...` variables. */
export async function startFleet(settings: Readonly<Record<string, string>> = {}): Promise<Fleet> {
  const leaveOut = process.env['BULLPEN_TEST_LEAVE_OUT'];
  if (leaveOut !== undefined) return startBareFleet(leaveOut.split(','));
  const servers = joinServers(settings) ?? (await startServers(settings));
  const client = createClient({ connection: servers.redisSocket, failFastMs: 1500 * patience });
  const run = async (job: JobToSubmit): Promise<Result> =>
    (await client.submit(job)).result({ timeoutMs: 50_000 * patience });
  const shell = async (script: string, job: Partial<JobToSubmit> = {}): Promise<CommandReport> =>
    firstOf((await run({ profile: 'bash', commands: [{ argv: ['bash', '-c', script] }], ...job })).commands);
  const probes = async (words: readonly string[], job: Partial<JobToSubmit> = {}): Promise<ProbeAnswer[]> => {
    const files = [{ path: 'probe', mode: 0o755, content: { base64: probeProgram() } }];
    const commands = words.map((line) => ({ argv: ['./probe', ...line.split(' ')], stopOnFailure: false }));
    const answers = (await run({ profile: 'bash', files, commands, ...job })).commands.map(readAnswer);
    noteAnswers(answers.map(({ answer }) => answer));
    return answers;
  };
  return {
    ...servers,
    client,
    run,
    shell,
    probes,
    probe: async (words, job) => firstOf(await probes([words], job)),
    async close() {
      await client.close();
      await servers.close();
    },
  };
}

function readAnswer(report: CommandReport): ProbeAnswer {
  const lines = report.stdout.data.split('\n').slice(0, -1);
  const { outcome } = report;
  const spoke = outcome.kind === 'exited' && (outcome.exitCode === 0 || outcome.exitCode === 1) && lines.length > 0;
  const happened = outcome.kind === 'signaled' ? outcome.signal : outcome.kind;
  const answer = spoke ? (lines.pop() ?? '') : happened === 'exited' ? `broken probe: ${report.stderr.data}` : happened;
  return { answer, lines, report };
}

export function firstOf<T>(items: readonly T[]): T {
  const [first] = items;
  if (first === undefined) throw new Error('There is no first one of an empty list.');
  return first;
}
