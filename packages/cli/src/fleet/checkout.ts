import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that `./bullpen` lies in. */
export const checkout = join(import.meta.dirname, '../../../..');

/** Where the bootstrap puts the jailer. */
export const jailerProgram = join(checkout, 'packages/jailer/build/bullpen-jailer');

/** The program of a worker process, from the package wherever it is installed. */
export function workerProgram(): string {
  return join(dirname(fileURLToPath(import.meta.resolve('@bullpen/worker'))), 'main.ts');
}
