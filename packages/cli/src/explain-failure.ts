import { CommanderError } from 'commander';
import { BullpenError } from '@bullpen/protocol';
import { exitCodeOfError, exitCodes } from './exit-code.ts';
import { say } from './output/write-all.ts';
import { UsageError } from './usage-error.ts';

/** Says a failure in one sentence on stderr, and returns the exit code that stands for it. */
export function explainFailure(error: unknown): number {
  // Commander has said its sentence already.
  if (error instanceof CommanderError) return exitCodes.usage;
  say(messageOf(error));
  if (error instanceof UsageError) return exitCodes.usage;
  if (error instanceof BullpenError) return exitCodeOfError(error.code);
  return exitCodes.fault;
}

/** A failure for machines. */
export function describeFailure(error: unknown): { readonly code: string; readonly message: string } {
  const message = messageOf(error);
  if (error instanceof CommanderError) return { code: 'usage', message: message.replace(/^error: /, '') };
  if (error instanceof UsageError) return { code: 'usage', message };
  return { code: error instanceof BullpenError ? error.code : 'internal', message };
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, path } = error as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error.message;
  return `There is no room for a file (${code}${path === undefined ? '' : `, ${path}`}): free some where the file is, which may be TMPDIR, XDG_RUNTIME_DIR or the folder of --keys.`;
}
