import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release } from 'node:os';

/** On what the numbers of a run were measured. */
export interface Machine {
  readonly processors: number;
  readonly model: string;
  readonly kernel: string;
  readonly node: string;
  readonly memoryMiB: number;
  /** Load of the last minute when the run began: other work makes every row slower. */
  readonly loadAtStart: number;
}

export function describeMachine(): Machine {
  const total = /^MemTotal:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
  return {
    processors: availableParallelism(),
    model: cpus()[0]?.model.trim() ?? 'unknown',
    kernel: release(),
    node: process.version,
    memoryMiB: Math.round(Number(total) / 1024),
    loadAtStart: loadavg()[0] ?? 0,
  };
}

export function renderMachine(machine: Machine): string {
  const { processors, model, kernel, node, loadAtStart } = machine;
  return `${processors} x ${model}, Linux ${kernel}, Node ${node}, load ${loadAtStart.toFixed(2)} at start\n`;
}
