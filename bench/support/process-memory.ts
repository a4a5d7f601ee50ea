import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

export interface ProcessMemory {
  readonly pid: number;
  readonly parent: number;
  /** Name of the process, as the kernel has it. */
  readonly name: string;
  /** VmRSS. */
  readonly residentKiB: number;
  /** The part of it that no file backs: what the process itself wrote. */
  readonly anonymousKiB: number;
  /** VmHWM: the largest resident set since the start, or since `resetPeak`. */
  readonly peakKiB: number;
}

/** Null when the process is gone. */
export function readProcessMemory(pid: number): ProcessMemory | null {
  let status: string;
  try {
    status = readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return null; // it ended meanwhile
  }
  const field = (name: string): string => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1] ?? '0';
  return {
    pid,
    parent: Number(field('PPid')),
    name: field('Name'),
    residentKiB: Number(field('VmRSS')),
    anonymousKiB: Number(field('RssAnon')),
    peakKiB: Number(field('VmHWM')),
  };
}

/** All processes below one, parents before their children. */
export function listDescendants(pid: number): ProcessMemory[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcessMemory(Number(name)) ?? []);
  const below = (parent: number): ProcessMemory[] =>
    all.filter((process) => process.parent === parent).flatMap((process) => [process, ...below(process.pid)]);
  return below(pid);
}

/** Makes the peak start anew from the present resident set. Needs the rights of the process's user. */
export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
