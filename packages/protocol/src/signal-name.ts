import { constants } from 'node:os';

/** Names that the system gives twice; the one that POSIX and the manuals use comes out. */
const aliases = new Set(['SIGIOT', 'SIGPOLL', 'SIGUNUSED', 'SIGCLD']);

const names = new Map(
  Object.entries(constants.signals)
    .filter(([name]) => !aliases.has(name))
    .map(([name, number]) => [number, name]),
);

/** `SIGSEGV` for 11; `SIG40` for a number without a name, as the real-time ones are. */
export function signalName(signal: number): string {
  return names.get(signal) ?? `SIG${signal}`;
}
