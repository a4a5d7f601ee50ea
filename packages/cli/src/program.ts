import { Command } from 'commander';
import { addApparmor } from './commands/apparmor.ts';
import { addBench } from './commands/bench.ts';
import { addDemo } from './commands/demo.ts';
import { addDoctor } from './commands/doctor.ts';
import { addGateway } from './commands/gateway.ts';
import { addKeys } from './commands/keys.ts';
import { addProfiles } from './commands/profiles.ts';
import { addResult } from './commands/result.ts';
import { addRun } from './commands/run.ts';
import { addSubmit } from './commands/submit.ts';
import { addTest } from './commands/test.ts';
import { addUids } from './commands/uids.ts';
import { addUp } from './commands/up.ts';
import { addWorker } from './commands/worker.ts';
import type { Finish } from './finish.ts';
import { readVersion } from './version.ts';

/** The whole command line. The commands load what they need when they run, so that `--help` needs next to nothing. */
export function createProgram(finish: Finish): Command {
  const version = readVersion();
  const program = new Command('bullpen')
    .description('Runs code that nobody trusts: jobs through Redis into jails, and typed results back.')
    .version(version)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ outputError: (text, write) => write(`bullpen: ${oneLine(text)}\n`) })
    .helpCommand(false);
  const adders = [
    addRun,
    addDemo,
    addUp,
    addWorker,
    addGateway,
    addKeys,
    addSubmit,
    addResult,
    addProfiles,
    addDoctor,
    addApparmor,
    addUids,
    addTest,
    addBench,
  ];
  for (const add of adders) add(program, finish).version(version);
  return program;
}

/** Commander's complaint without its mark and line breaks; a suggestion follows in the same line. */
function oneLine(text: string): string {
  return text
    .replace(/^error: /, '')
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ')
    .replace(/^missing required argument .*/, '$&: --help lists what the command takes.');
}
