import { runCommandLine } from './run-command-line.ts';

// A reader that has gone away (`bullpen run x.py | head`) is no failure of ours.
process.stdout.on('error', () => {});
// Nor is a terminal that was closed: what was started must still be ended.
process.stderr.on('error', () => {});

// Everything that a command opened is closed by now; exiting by hand keeps a forgotten timer from holding the terminal.
process.exit(await runCommandLine(process.argv.slice(2)));
