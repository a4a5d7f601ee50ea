import { issueSentence } from '@bullpen/profiles';
import { byteLength } from './bytes.ts';
import { commandBytes } from './command-bytes.ts';
import { BullpenError } from './errors.ts';
import { type Job, jobBounds, type JobInput, jobSchema } from './job.ts';

/**
 * Reads a job as its producer wrote it and fills its defaults.
 * Throws `invalid-job` with one sentence for the first problem, for instance `files[3].path must not contain "..", got "../x"`.
 */
export function parseJob(value: unknown): Job {
  const parsed = jobSchema.safeParse(value);
  if (!parsed.success) throw new BullpenError('invalid-job', issueSentence(parsed.error, value, 'the job'));
  refuseLostNames(value as JobInput);
  checkJobBounds(parsed.data);
  return parsed.data;
}

/** What the schema's records drop without a word. Throws `invalid-job`. */
function refuseLostNames({ labels = {}, commands }: JobInput): void {
  const records = [
    ['labels', labels] as const,
    ...commands.map(({ env = {} }, index) => [`commands[${index}].env`, env] as const),
  ];
  for (const [path, record] of records) {
    if (Object.hasOwn(record, '__proto__'))
      throw new BullpenError('invalid-job', `${path} must not have the name "__proto__": choose another`);
  }
}

/** Bounds over several fields together, which the schema of one field cannot see. Throws `invalid-job`. */
export function checkJobBounds(job: Job): void {
  for (const [index, command] of job.commands.entries()) {
    const bytes = commandBytes(command.argv, command.env);
    if (bytes > jobBounds.argvBytes) throw tooManyBytes(index, bytes);
  }
  let stdinBytes = 0;
  for (const { stdin } of job.commands) stdinBytes += byteLength(stdin);
  if (stdinBytes > jobBounds.stdinBytes) {
    throw new BullpenError(
      'invalid-job',
      `the stdin of all commands must have at most ${jobBounds.stdinBytes} bytes together, got ${stdinBytes}: send large input as files`,
    );
  }
  const labels = Object.keys(job.labels).length;
  if (labels > jobBounds.labels) {
    throw new BullpenError('invalid-job', `labels must have at most ${jobBounds.labels} entries, got ${labels}`);
  }
}

/** The error of a command whose argv and environment do not fit together. */
export function tooManyBytes(index: number, bytes: number): BullpenError {
  return new BullpenError(
    'invalid-job',
    `commands[${index}].argv and its environment must have at most ${jobBounds.argvBytes} bytes together, got ${bytes}: send long values as files or stdin`,
  );
}
