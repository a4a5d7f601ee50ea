import type { JailReport } from '@bullpen/jailer';
import { hasHostPaths, hasOwnRoot, type Probe } from './probe.ts';

const MIB = 1_048_576;

/** What the second jail may write: small, so that filling it is quick. */
export const smallDisk = { diskBytes: MIB, diskFiles: 64 };

/** Each limit once, set low and exceeded on purpose. */
export const limitProbes: readonly Probe[] = [
  {
    name: 'the wall-time limit ends a program',
    jail: 'first',
    script: 'mkfifo wall && read -t 60 <> wall',
    limits: { wallTimeMs: 60 },
    isPassed: ({ endedBy }) => endedBy === 'wall-time',
  },
  {
    name: 'the CPU-time limit ends a program',
    jail: 'first',
    script: 'while :; do :; done',
    limits: { cpuTimeMs: 60 },
    // Without a cgroup the kernel's own limit ends it, at the next full second.
    isPassed: ({ endedBy, signal, userTimeUs, systemTimeUs }) =>
      endedBy === 'cpu-time' || (endedBy === 'itself' && signal !== null && userTimeUs + systemTimeUs >= 60_000),
  },
  {
    name: 'the memory limit ends a program',
    jail: 'first',
    script: 'x=0123456789abcdef; while :; do x=$x$x; done',
    // Of a second's work, which a machine that is emulated or overloaded may take more than the profile's own time for.
    limits: { memoryBytes: 24 * MIB, addressSpaceBytes: 512 * MIB, wallTimeMs: 60_000, cpuTimeMs: 60_000 },
    isPassed: (report, { layers }) => (layers.has('cgroup') ? report.oomKills > 0 : endedBadly(report)),
  },
  {
    name: 'the limit on processes refuses one',
    jail: 'first',
    script: 'mkfifo crowd 2>&- || exit 3; for i in {1..40}; do (read -t 60 <> crowd) 2>&- & done; wait',
    // Far above it: where worker and programs share a user the limit leaves room for threads that the worker may yet start.
    // All that can be written is bash's complaint about the fork, upon which it would try again for seconds.
    limits: { processes: 4, outputBytes: 16 },
    isPassed: ({ endedBy, stderr }) => endedBy === 'output' && stderr.bytesSeen > 16,
  },
  {
    name: 'the output limit ends a program',
    jail: 'first',
    script: 'while :; do echo 0123456789abcdef; done',
    limits: { outputBytes: 4096 },
    isPassed: ({ endedBy, stdout }) => endedBy === 'output' && stdout.bytes.byteLength <= 4096,
  },
  {
    name: 'the disk limits refuse what is too much',
    jail: 'second',
    appliesTo: hasOwnRoot,
    script: `head -c ${2 * MIB} /dev/zero > large; rm large; for (( i = 0; i < 80; i++ )); do : > "file$i" || exit 7; done`,
    isPassed: ({ exitCode, diskFull }, { stderr }) =>
      exitCode === 7 && diskFull && (stderr.match(/No space left on device/g)?.length ?? 0) >= 2,
  },
  {
    name: 'too much on the disk ends a program',
    jail: 'second',
    appliesTo: hasHostPaths,
    script: `head -c ${4 * MIB} /dev/zero > large || exit 7; mkfifo wait && read -t 20 <> wait`,
    isPassed: isStoppedAtDisk,
  },
  {
    name: 'too many files on the disk end a program',
    jail: 'second',
    appliesTo: hasHostPaths,
    script: 'for (( i = 0; i < 160; i++ )); do : > "file$i" || exit 7; done; mkfifo stay && read -t 20 <> stay',
    isPassed: isStoppedAtDisk,
  },
];

/** Where nothing can be mounted, a box is watched: a write fails, or a moment later the program is ended. */
function isStoppedAtDisk({ endedBy, exitCode, diskFull }: JailReport): boolean {
  return exitCode === 7 || (endedBy === 'output' && diskFull);
}

function endedBadly({ exitCode, signal }: JailReport): boolean {
  return signal !== null || (exitCode !== null && exitCode !== 0);
}
