import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hostPathProbes } from '../../src/probes/host-path-probes.ts';
import { ownRootProbes } from '../../src/probes/own-root-probes.ts';
import { makeExecuteProbe, outsidePrograms, shellProbes } from '../../src/probes/shell-probes.ts';
import { quietReport, says } from '../support/literal-slot.ts';

/** Probes that say something about confinement, and write nothing where they are not confined. */
const telling = [
  "the host's files cannot be read",
  "the host's directories cannot be listed",
  'no internet socket can be made',
  "the jail's user is the slot's, without any other process in sight",
  '/proc tells nothing of the host and of init',
  "the host's other programs cannot be executed",
  "the jail's user is not root, and no process of others can be looked at",
  "/proc tells nothing but the program's own",
  'no process of others can be signalled',
];
const probes = [...hostPathProbes, ...shellProbes, makeExecuteProbe(outsidePrograms), ...ownRootProbes];

// A broken probe must not look like security: where nothing confines, each must fail.
test.each(telling)('fails without a jail: %s', (name) => {
  const probe = probes.find((each) => each.name === name);
  const bash = existsSync('/bin/bash') ? '/bin/bash' : execFileSync('which', ['bash'], { encoding: 'utf8' }).trim();
  const { status, stdout, stderr } = spawnSync(bash, ['-c', probe?.script ?? ''], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' },
    timeout: 10_000,
  });
  const report = { ...quietReport, exitCode: status, stdout: says(stdout), stderr: says(stderr) };
  expect(probe?.isPassed(report, { stdout, stderr, layers: new Set() })).toBe(false);
});
