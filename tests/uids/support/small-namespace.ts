/**
 * Words that start a program as root of a user namespace with the IDs 0 to `largest` and mounts of its own, in which /etc/passwd is another
 * file. Only a process outside may write the maps, and only when the namespace is there: each side waits for the other, up to 5 s.
 */
export function inSmallNamespace(largest: number, passwdFile: string): string[] {
  const map = `0 0 ${largest + 1}`;
  const inside = [
    'for i in $(seq 500); do grep -q . /proc/self/uid_map && grep -q . /proc/self/gid_map && break; sleep 0.01; done',
    'mount --bind "$1" /etc/passwd && shift && exec setpriv --reuid 0 --regid 0 --clear-groups "$@"',
  ].join('; ');
  const write = (file: string): string =>
    `for i in $(seq 500); do echo ${map} > /proc/$!/${file} && break; sleep 0.01; done 2>/dev/null`;
  const outside = `unshare --user --mount sh -c '${inside}' inside "$@" & ${write('uid_map')}; ${write('gid_map')}; wait $!`;
  return ['sh', '-c', outside, 'outside', passwdFile];
}
