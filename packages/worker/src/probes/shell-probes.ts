import { type Probe, nothingGotThrough } from './probe.ts';

/** What every jail of bash is probed with, however it is made. */
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
      'for f in /etc/passwd /etc/shadow /etc/hostname /root/.bashrc /dev/kmsg /work/../../etc/passwd "$HOME"/../../../../../../etc/passwd; do { read -rn 1 x < "$f"; } 2>&- && echo "$f"; done; echo end',
    isPassed: nothingGotThrough,
  },
  {
    name: "the host's directories cannot be listed",
    jail: 'first',
    script:
      'for d in / /root /home /run /sys /var /etc /var/tmp; do for f in "$d"/*; do [ -e "$f" ] && { echo "$f"; break; }; done; done; echo end',
    // The root's own entries are known by name; a pattern must not find them.
    isPassed: nothingGotThrough,
  },
  {
    name: 'nothing outside its own places can be written',
    jail: 'first',
    script:
      'for f in /probe /usr/probe /usr/bin/probe /usr/bin/env /dev/probe /var/tmp/probe /proc/sys/kernel/core_pattern /proc/self/oom_score_adj/../../../probe; do { : >> "$f"; } 2>&- && echo "$f"; done; echo end',
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
];

/** Programs of the host that no view shows; a profile may show one all the same. */
export const outsidePrograms = [process.execPath, '/usr/sbin/nologin', '/usr/sbin/ldconfig', '/usr/sbin/chroot'];

/** Tries to execute programs that the jail does not show. Each of them ends by itself, and none does any harm. */
export function makeExecuteProbe(programs: readonly string[]): Probe {
  const words = [...programs, '/proc/self/fd/0'].map((path) => `'${path.replaceAll("'", String.raw`'\''`)}'`);
  return {
    name: "the host's other programs cannot be executed",
    jail: 'first',
    // bash tells by 126 and 127 that there is nothing that it may execute.
    script: `for f in ${words.join(' ')}; do "$f" < /dev/null > /dev/null 2>&1; (( $? == 126 || $? == 127 )) || echo "$f"; done; echo end`,
    isPassed: nothingGotThrough,
  };
}
