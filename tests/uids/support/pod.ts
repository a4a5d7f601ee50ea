import { familyOf } from '../../support/host-count.ts';
import { startWorkerProcess, type TestWorker } from '../../support/worker.ts';

/**
 * A container's worth of a worker: mounts, processes and /run of its own, and so a lock directory that no other worker sees. What it shares with
 * the host is what pods of one node share: the kernel, its UIDs and its boot id, by which the node is known.
 */
const ownPlace = [
  ...['unshare', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child', 'sh', '-c'],
  'mount -t tmpfs -o mode=1777,size=1g tmpfs /run && mount -t tmpfs tmpfs /sys/fs/cgroup && exec "$@"',
  'pod',
];

/**
 * Starts a worker in a container's worth of namespaces, as root or by the words of `become`; `signal` and `close` mean the worker, the first
 * process there.
 */
export async function startPod(
  redis: string,
  settings: Readonly<Record<string, string>> = {},
  become: readonly string[] = [],
): Promise<TestWorker> {
  const outer = await startWorkerProcess(redis, settings, [...ownPlace, ...become]);
  const [, pid = 0] = familyOf(outer.pid);
  return {
    ...outer,
    pid,
    signal: (signal) => void process.kill(pid, signal),
    async close() {
      if (familyOf(outer.pid).includes(pid)) process.kill(pid, 'SIGTERM');
      const overdue = setTimeout(() => outer.signal('SIGKILL'), 10_000);
      await outer.ended;
      clearTimeout(overdue);
    },
  };
}
