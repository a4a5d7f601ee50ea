import { rendered } from '../apparmor/rendered.ts';
import { startBareJailer } from './bare-jailer.ts';
import type { Fleet, ProbeAnswer } from './fleet-types.ts';
import { noteAnswers } from './note-answers.ts';

const absent = (): never => {
  throw new Error(
    'BULLPEN_TEST_LEAVE_OUT starts a jailer without a worker, which runs single probes and nothing else.',
  );
};

/**
 * Answers probes as a fleet does, with a jailer that leaves steps out and no worker: one would refuse to start, since its own probes get through.
 * For suites that send single probes.
 */
export async function startBareFleet(leaveOut: readonly string[]): Promise<Fleet> {
  const jailer = await startBareJailer(leaveOut, [rendered('bash').name]);
  return {
    get client() {
      return absent();
    },
    get worker() {
      return absent();
    },
    redisSocket: '',
    runDir: '/run',
    boxes: null,
    cgroups: [],
    run: absent,
    shell: absent,
    probes: absent,
    async probe(words): Promise<ProbeAnswer> {
      const lines = (await jailer.probe([words]))[0] ?? [];
      const answer = lines.at(-1) ?? 'signaled';
      noteAnswers([answer]);
      return {
        answer,
        lines: lines.slice(0, -1),
        get report() {
          return absent();
        },
      };
    },
    close: () => jailer.end(),
  };
}
