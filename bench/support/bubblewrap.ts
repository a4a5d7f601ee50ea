import { existsSync } from 'node:fs';

const program = '/usr/bin/bwrap';

/** Why there is no row for bubblewrap, or null when there is one. */
export function whyNoBubblewrap(): string | null {
  return existsSync(program)
    ? null
    : `left out: ${program} is not installed (Debian: apt-get install --no-install-recommends bubblewrap)`;
}

/**
 * The command line that starts the program `nothing` of a folder as our jail does: the same namespaces, the same view, private places to
 * write and no capability. There is no cgroup, no Landlock, no rlimit and no seccomp filter, so a like jail of bubblewrap costs more.
 */
export function bubblewrapWords(folder: string, shownAt: string): readonly string[] {
  return [
    program,
    ...['--unshare-pid', '--unshare-net', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup', '--hostname', 'jail'],
    ...['--ro-bind', '/usr', '/usr', '--symlink', 'usr/bin', '/bin', '--symlink', 'usr/lib', '/lib'],
    ...['--symlink', 'usr/lib64', '/lib64', '--ro-bind', folder, shownAt],
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp', '--tmpfs', '/work', '--chdir', '/work'],
    ...['--cap-drop', 'ALL', '--die-with-parent', '--new-session', '--clearenv', `${shownAt}/nothing`],
  ];
}
