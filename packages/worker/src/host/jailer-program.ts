import { fileURLToPath } from 'node:url';
import type { WorkerConfig } from '../config.ts';

/** Path of the jailer's program: the operator's, or where the jailer's own Makefile puts it, seen from the sources and from the built package alike. */
export function jailerProgram({ jailerPath }: Pick<WorkerConfig, 'jailerPath'>): string {
  return jailerPath ?? fileURLToPath(new URL('../build/bullpen-jailer', import.meta.resolve('@bullpen/jailer')));
}
