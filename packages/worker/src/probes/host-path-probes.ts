import { hasHostPaths, nothingGotThrough, type Probe } from './probe.ts';

/**
 * Processes that are there for certain: the host's or container's first one, this worker, the one that started it unless that lies outside of
 * the container, and the init that started the program.
 */
const others = [1, process.pid, process.ppid, '$PPID'].filter((pid) => pid !== 0).join(' ');
const marks = '"$HOME/mark" "$TMPDIR/mark"';

/**
 * What jails that see the host's paths and processes are probed with: others are there, and each attempt at them is refused.
 */
export const hostPathProbes: readonly Probe[] = (
  [
    {
      name: 'the places of the host that everybody may write, and those of other slots, are closed',
      jail: 'first',
      script:
        'for f in /tmp/probe /dev/shm/probe "$HOME/../../probe"; do { : >> "$f"; } 2>&- && echo "$f"; done; for d in /tmp /dev/shm "$HOME/../.."; do for f in "$d"/*; do [ -e "$f" ] && { echo "$f"; break; }; done; done; echo end',
      isPassed: nothingGotThrough,
    },
    {
      name: "the jail's user is not root, and no process of others can be looked at",
      jail: 'first',
      script: `(( UID == EUID && UID > 0 )) || echo user; for p in ${others}; do for f in cmdline environ maps stat root/etc/passwd; do { read -rn 1 x < "/proc/$p/$f"; } 2>&- && echo "$p/$f"; done; done; echo end`,
      isPassed: nothingGotThrough,
    },
    {
      name: 'no process of others can be signalled',
      jail: 'first',
      script: `for p in ${others} {2..199}; do (( p == $$ )) || { kill -0 "$p" 2>&- && echo "$p"; }; done; echo end`,
      isPassed: nothingGotThrough,
    },
    {
      name: "/proc tells nothing but the program's own",
      jail: 'first',
      script:
        'for f in /proc/kcore /proc/keys /proc/sys/kernel/hostname /proc/cmdline /proc/kallsyms /proc/sched_debug; do { read -rn 1 x < "$f"; } 2>&- && echo "$f"; done; for f in /proc/[0-9]*; do [ -e "$f" ] && { echo "$f"; break; }; done; echo end',
      isPassed: nothingGotThrough,
    },
    {
      name: 'every place that a program can write is there',
      jail: 'first',
      script: `for f in ${marks}; do echo left > "$f" || exit 1; done; mkfifo stay && (read -t 60 <> stay &)`,
      isPassed: ({ exitCode }) => exitCode === 0,
    },
    {
      name: 'the next jail has nothing of the last one',
      jail: 'second',
      script:
        'for f in "$HOME"/* "$HOME"/.[!.]* "$TMPDIR"/* "$TMPDIR"/.[!.]*; do [ -e "$f" ] && echo "$f"; done; echo end',
      isPassed: nothingGotThrough,
    },
    {
      name: 'no process of the last jail is left',
      jail: 'second',
      // Room for this program and one more, if nobody else of its user lives. (Signalling all at once tells nothing: it succeeds, though each is refused.)
      script: '( : ) 2>&-; echo end',
      limits: { processes: 2, wallTimeMs: 2000 },
      // A worker that shares its user with its jail is one that the kernel counts.
      appliesTo: (layers) => layers.has('classic'),
      isPassed: nothingGotThrough,
    },
  ] satisfies Probe[]
).map((probe: Probe) => ({
  ...probe,
  appliesTo: (layers: ReadonlySet<string>) => hasHostPaths(layers) && (probe.appliesTo?.(layers) ?? true),
}));
