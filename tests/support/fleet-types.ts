import type { Client, JobToSubmit } from '@bullpen/client';
import type { CommandReport, Result } from '@bullpen/protocol';
import type { FleetServers } from './servers.ts';

/** A private Redis, one worker in a process of its own and a client: a whole fleet, spoken to through its public doors. */
export interface Fleet extends FleetServers {
  readonly client: Client;
  /** Submits a job and waits for its result. */
  run(job: JobToSubmit): Promise<Result>;
  /** Runs one shell script in a jail of its own. */
  shell(script: string, job?: Partial<JobToSubmit>): Promise<CommandReport>;
  /** Runs probes one after another in one jail; each is words separated by spaces. */
  probes(words: readonly string[], job?: Partial<JobToSubmit>): Promise<ProbeAnswer[]>;
  /** Runs one probe in a jail of its own. */
  probe(words: string, job?: Partial<JobToSubmit>): Promise<ProbeAnswer>;
}

export interface ProbeAnswer {
  /** `through`, or the name of the errno that stopped the probe; what happened to it when it could not say. */
  readonly answer: string;
  /** What it printed before. */
  readonly lines: readonly string[];
  readonly report: CommandReport;
}
