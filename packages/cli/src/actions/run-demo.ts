import { availableParallelism } from 'node:os';
import { readCliConfig } from '../config.ts';
import { type Judgement, judgeFailure, judgeSample } from '../demo/judge-sample.ts';
import { makeSampleJob } from '../demo/make-sample-job.ts';
import { planSubmissions } from '../demo/plan-submissions.ts';
import { renderDemo } from '../demo/render-demo.ts';
import { readSamples, type Sample } from '../demo/sample.ts';
import { summarizeDemo } from '../demo/summarize-demo.ts';
import { exitCodes } from '../exit-code.ts';
import { chooseRedis } from '../fleet/parse-redis-target.ts';
import { type Fleet, startFleet } from '../fleet/start-fleet.ts';
import { loadCatalog } from '../job/load-catalog.ts';
import { never, onInterrupt } from '../on-interrupt.ts';
import { createProgressBar } from '../output/progress-bar.ts';
import { printJson, say, writeAll } from '../output/write-all.ts';
import { parseCount } from '../parse/parse-count.ts';

export interface DemoOptions {
  readonly jobs: string;
  readonly redis?: string;
  readonly json?: boolean;
}

/** How long the workers may take to end. */
const closeGraceMs = 2000;

/** Two workers, so that the queue has something to decide. */
const workers = 2;

/** Runs sample submissions through a fleet and compares each outcome with its expectation; 1 when one differs. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const config = readCliConfig();
  const total = parseCount(options.jobs, { option: '--jobs', least: 1, most: 100_000 });
  const slots = Math.max(1, Math.ceil(availableParallelism() / workers));
  say(`starting two workers with ${slots} ${slots === 1 ? 'slot' : 'slots'} each`);
  const redis = chooseRedis(options.redis, config);
  const fleet = await startFleet({ config, workers, slots, redis, ownQueue: true, logLevel: 'warn', log: () => {} });
  let isInterrupted = false;
  const forget = onInterrupt({
    first() {
      isInterrupted = true;
      say('interrupted');
      void fleet.close(closeGraceMs).finally(() => process.exit(exitCodes.cancelled));
    },
    second: () => fleet.kill(),
  });
  try {
    const { judgements, elapsedMs } = await submitSamples(fleet, total, () => isInterrupted);
    const rows = summarizeDemo(judgements);
    const different = judgements.filter(({ asExpected }) => !asExpected).length;
    const jobsPerSecond = Number(((judgements.length / elapsedMs) * 1000).toFixed(1));
    if (options.json === true)
      await printJson({ submissions: judgements.length, different, elapsedMs, jobsPerSecond, rows });
    else await writeAll(process.stdout, renderDemo(rows, { elapsedMs, jobsPerSecond }));
    return different === 0 ? exitCodes.success : exitCodes.failure;
  } catch (error) {
    // Jobs whose client was closed say nothing about the samples.
    if (isInterrupted) return await never;
    throw error;
  } finally {
    forget();
    await fleet.close(closeGraceMs);
  }
}

async function submitSamples(
  fleet: Fleet,
  total: number,
  isInterrupted: () => boolean,
): Promise<{ judgements: Judgement[]; elapsedMs: number }> {
  const available = await readyProfiles(fleet);
  const samples = readSamples();
  const missing = [...new Set(samples.map(({ profile }) => profile))].filter((profile) => !available.has(profile));
  if (missing.length > 0) say(`left out, since this machine lacks their toolchain: ${missing.join(', ')}`);
  const plan = planSubmissions(
    samples.filter(({ profile }) => available.has(profile)),
    total,
  );
  const catalog = await loadCatalog(undefined);
  const bar = createProgressBar(process.stderr, plan.length, 'submissions');
  const startedAt = performance.now();
  try {
    const jobs = plan.map((sample) => makeSampleJob(sample, catalog));
    const waiting: Promise<Judgement>[] = [];
    for await (const handle of fleet.client.submitMany(jobs)) {
      waiting.push(judge(plan[waiting.length] as Sample, handle.result()).finally(() => bar.advance()));
    }
    const judgements = await Promise.race([Promise.all(waiting), fleet.lost]);
    if (isInterrupted()) return await never;
    return { judgements, elapsedMs: Math.round(performance.now() - startedAt) };
  } finally {
    bar.close();
  }
}

/** The profiles that every worker can run; the workers are on one machine, so one speaks for all. */
async function readyProfiles(fleet: Fleet): Promise<ReadonlySet<string>> {
  const [first] = await Promise.race([Promise.all(fleet.workers.map((worker) => worker.ready)), fleet.lost]);
  return new Set(first?.profiles);
}

async function judge(
  sample: Sample,
  result: ReturnType<ReturnType<Fleet['client']['job']>['result']>,
): Promise<Judgement> {
  try {
    return judgeSample(sample, await result);
  } catch (error) {
    return judgeFailure(sample, error instanceof Error ? error.message : String(error));
  }
}
