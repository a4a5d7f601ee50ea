import { createCatalog, type ResolvedProfile } from '@bullpen/profiles';
import type { WorkerCatalog } from '../../src/host/load-profiles.ts';

/** The built-in profiles on a host that has bash and nothing else. */
export function makeLiteralProfiles(): WorkerCatalog {
  const catalog = createCatalog();
  const bash = catalog.get('bash');
  if (bash === undefined) throw new Error('There is no profile bash.');
  const resolved: ResolvedProfile = {
    available: true,
    profile: bash,
    view: [],
    links: [],
    program: '/usr/bin/bash',
    toolchainVersion: 'GNU bash, version 5.2',
    digest: 'd'.repeat(64),
  };
  return { catalog, available: [resolved], unavailable: new Map([['python', 'no Python on this host']]) };
}

/** A message as a client would send it. */
export function makeMessage(job: object = {}): unknown {
  return { v: 1, submittedAt: 1000, job: { profile: 'bash', commands: [{ argv: ['bash', '-c', 'true'] }], ...job } };
}
