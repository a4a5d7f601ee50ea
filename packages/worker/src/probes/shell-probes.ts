import type { Probe } from './probe.ts';

/** Each attempt that gets through prints its name: a sound jail lets the script print `end` alone. */
const nothingGotThrough: Probe['isPassed'] = ({ exitCode }, { stdout }) => exitCode === 0 && stdout === 'end\n';

const marks = ['/work/mark', '/tmp/mark', '/dev/shm/mark'];

export const shellProbes: readonly Probe[] = [
  {
    name: 'a program runs, reads and writes its work directory',
    jail: 'first',
    script: 'echo proof > proof && read -r word < proof && echo "$word"',
    isPassed: ({ exitCode }, { stdout }) => exitCode === 0 && stdout === 'proof\n',
  },
  {
    name: "the host's files cannot be read",
    jail: 'first',
    script:
      'for f in /etc/passwd /etc/shadow /etc/hostname /root/.bashrc /dev/kmsg /work/../../etc/passwd; do { read -rn 1 x < "$f"; } 2>&- && echo "$f"; done; echo end',
    isPassed: nothingGotThrough,
  },
  {
    name: "the host's directories cannot be listed",
    jail: 'first',
    script:
      'for d in / /root /home /run /sys /var /etc; do for f in "$d"/*; do [ -e "$f" ] && { echo "$f"; break; }; done; done; echo end',
    // The root's own entries are known by name; a pattern must not find them.
    isPassed: nothingGotThrough,
  },
  {
    name: 'nothing outside its own places can be written',
    jail: 'first',
    script:
      'for f in /probe /usr/probe /usr/bin/probe /usr/bin/env /dev/probe /proc/sys/kernel/core_pattern /proc/self/oom_score_adj/../../../probe; do { : >> "$f"; } 2>&- && echo "$f"; done; echo end',
    isPassed: nothingGotThrough,
  },
  {
    name: 'no internet socket can be made',
    jail: 'first',
    script: '{ : < /dev/tcp/127.0.0.1/9; } || { : < /dev/udp/127.0.0.1/9; }',
    // bash says which call was refused: making the socket, not reaching the address.
    isPassed: ({ exitCode }, { stderr }) =>
      exitCode !== 0 && (stderr.match(/socket: Permission denied/g)?.length ?? 0) === 2,
  },
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
    script: `for f in ${marks.join(' ')}; do [ -e "$f" ] && echo "$f"; done; for p in /proc/[0-9]*; do [ "$p" = "/proc/$$" ] || echo "$p"; done; echo end`,
    isPassed: nothingGotThrough,
  },
];
