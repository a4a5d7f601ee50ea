import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { JailReport } from '@bullpen/jailer';
import { request, shell, slotOf, startWith, text } from '../../packages/jailer/test/support/start.ts';
import { firstUid, makeTableFiles, profileLines } from '../../packages/jailer/test/support/table.ts';

const checkout = join(import.meta.dirname, '../..');
const program = join(checkout, 'packages/jailer/build/bullpen-jailer-sabotage');

/** A jailer without a worker, in the mode `classic`: no mount and no namespace does what a layer is to be seen doing by itself. */
export interface BareJailer {
  /** Runs probes one after another in one jail and tells the lines that each printed; an empty list when it was ended by a signal. */
  probe(probes: readonly string[]): Promise<readonly (readonly string[])[]>;
  /** Runs a command in a jail of the profile with this number; its work directory has the probe program as `probe`. */
  run(profileNumber: number, argv: readonly string[]): Promise<JailReport>;
  end(): Promise<void>;
}

/** Starts it without some of its steps. The programs of its profiles, one for each name, enter these AppArmor profiles and may do all else. */
export async function startBareJailer(
  leaveOut: readonly string[],
  apparmorNames: readonly string[],
): Promise<BareJailer> {
  execFileSync('make', ['--silent', '-C', join(checkout, 'tests/probes')]);
  const content = readFileSync(join(checkout, 'tests/probes/build/probe'));
  const boxes = mkdtempSync('/run/bullpen-boxes-');
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m,mode=1777', 'boxes', boxes]);
  const files = makeTableFiles(1);
  const profiles = apparmorNames.flatMap((name, number) => {
    const [head = '', ...rest] = profileLines(number, `profile-${number}`).filter((line) => !line.startsWith('link'));
    return [head, `apparmor ${name}`, ...rest];
  });
  const table = ['bullpen-table 1', `run-dir ${files.runDir}`, 'mode classic', `boxes ${boxes}`];
  const lines = [...table, `slot 0 ${firstUid} ${firstUid}`, ...profiles];
  const jailer = await startWith({ files, lines, slots: 1, program, leaveOut });
  const open = (profileNumber: number) =>
    slotOf(jailer).open(request({ profileNumber, files: [{ path: 'probe', mode: 0o755, content }] }));
  return {
    async probe(probes) {
      const jail = await open(0);
      const said: string[][] = [];
      for (const words of probes) {
        const report = await jail.run({ ...shell(''), argv: ['./probe', ...words.split(' ')] });
        said.push(text(report).split('\n').slice(0, -1));
      }
      await jail.close();
      return said;
    },
    async run(profileNumber, argv) {
      const jail = await open(profileNumber);
      const report = await jail.run({ ...shell(''), argv });
      await jail.close();
      return report;
    },
    async end() {
      await jailer.close();
      files.remove();
      execFileSync('umount', ['--lazy', boxes]);
      rmSync(boxes, { recursive: true });
    },
  };
}
