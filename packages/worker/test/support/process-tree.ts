import { readdirSync, readFileSync } from 'node:fs';

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
}

/** Field 2 of `/proc/PID/stat` is the name in parentheses, field 4 the parent. */
function readProcesses(): readonly ProcessEntry[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const match = /^(\d+) \((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${entry}/stat`, 'utf8'));
      return match === null ? [] : [{ pid: Number(match[1]), name: match[2] ?? '', parent: Number(match[3]) }];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}

/** All descendants of a process with this name. */
export function processesOf(ancestor: number, name: string): number[] {
  const processes = readProcesses();
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]));
  const isBelow = (pid: number | undefined): boolean =>
    pid === ancestor || (pid !== undefined && pid > 1 && isBelow(parents.get(pid)));
  return processes.filter((entry) => entry.name === name && isBelow(entry.pid)).map(({ pid }) => pid);
}

/** The master of the worker's jailer: the first process below the worker on the way to a program of this name. */
export function findMasterOf(worker: number, name: string): number {
  return ancestorOf(worker, name, -1);
}

/** The keeper of the jail in which a program of this name runs: the second process below the worker on the way to it. */
export function findKeeperOf(worker: number, name: string): number {
  return ancestorOf(worker, name, -2);
}

/** Throws when there is none: a test must never signal a process that it did not find. */
function ancestorOf(worker: number, name: string, position: number): number {
  const parents = new Map(readProcesses().map(({ pid, parent }) => [pid, parent]));
  const lineage: number[] = [];
  for (let pid = processesOf(worker, name)[0]; pid !== undefined && pid > 1 && pid !== worker; pid = parents.get(pid))
    lineage.push(pid);
  const found = lineage.at(position);
  if (found === undefined)
    throw new Error(`No such ancestor of ${name} was found below ${worker}: ${lineage.join(' ')}.`);
  return found;
}
