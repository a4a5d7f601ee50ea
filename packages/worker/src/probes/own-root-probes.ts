import { hasOwnRoot, nothingGotThrough, type Probe } from './probe.ts';

const marks = ['/work/mark', '/tmp/mark', '/dev/shm/mark'];

/** What jails with a root and a PID namespace of their own are probed with: in them, nothing of others exists. */
export const ownRootProbes: readonly Probe[] = (
  [
    {
      name: "the jail's user is the slot's, without any other process in sight",
      jail: 'first',
      script:
        'for p in /proc/[0-9]*; do echo "${p#/proc/}"; done | while read -r pid; do (( pid <= 99 )) || exit 1; done && (( UID == EUID && UID > 0 ))',
      isPassed: ({ exitCode }) => exitCode === 0,
    },
    {
      name: 'no process of others can be signalled',
      jail: 'first',
      // From 2: an unprivileged worker's init has the same user, and the kernel keeps signals of its own namespace from it.
      script: 'for (( p = 2; p < 200; p++ )); do (( p != $$ )) && kill -0 "$p" 2>&- && echo "$p"; done; echo end',
      isPassed: nothingGotThrough,
    },
    {
      name: '/proc tells nothing of the host and of init',
      jail: 'first',
      script:
        'for f in /proc/1/environ /proc/1/root/etc/passwd /proc/kcore /proc/mounts /proc/keys /proc/sys/kernel/hostname /proc/cmdline /proc/net/tcp; do { read -rn 1 x < "$f"; } 2>&- && echo "$f"; done; echo end',
      isPassed: nothingGotThrough,
    },
    {
      name: 'every place that a program can write is there',
      jail: 'first',
      script: `for f in ${marks.join(' ')}; do echo left > "$f" || exit 1; done; mkfifo stay && (read -t 60 <> stay &)`,
      isPassed: ({ exitCode }) => exitCode === 0,
    },
    {
      name: 'the next jail has nothing of the last one',
      jail: 'second',
      script: `for f in ${marks.join(' ')}; do [ -e "$f" ] && echo "$f"; done; for p in /proc/[0-9]*; do [ "$p" = "/proc/$$" ] || echo "$p"; done; kill -0 -- -1 2>&- && echo somebody; echo end`,
      isPassed: nothingGotThrough,
    },
  ] satisfies Probe[]
).map((probe) => ({ ...probe, appliesTo: hasOwnRoot }));
