import type { Jail, JailCommand, JailReport, JailSlot } from '@bullpen/jailer';
import { commandLimitNames, type CommandLimits, type ResolvedProfile } from '@bullpen/profiles';

/** What a jail must do and must refuse before a worker may take jobs. */
interface Check {
  readonly name: string;
  /** A bash script. */
  readonly script: string;
  /** True when the jail is as it must be; anything else fails the check. */
  isPassed(report: JailReport): boolean;
}

const text = new TextDecoder();

const checks: readonly Check[] = [
  {
    name: 'a program runs, reads and writes its work directory',
    script: 'echo proof > proof && read -r word < proof && echo "$word"',
    isPassed: ({ exitCode, stdout }) => exitCode === 0 && text.decode(stdout.bytes) === 'proof\n',
  },
  {
    name: "the host's /etc/passwd cannot be read",
    script: 'read -r line < /etc/passwd',
    isPassed: ({ exitCode }) => exitCode !== 0 && exitCode !== null,
  },
  {
    name: 'no internet socket can be made',
    script: ': < /dev/tcp/127.0.0.1/9',
    // bash says which call was refused: making the socket, not reaching the address.
    isPassed: ({ exitCode, stderr }) => exitCode !== 0 && /socket: Permission denied/.test(text.decode(stderr.bytes)),
  },
  {
    name: "the jail's user is the slot's, without any other process in sight",
    script:
      'for p in /proc/[0-9]*; do echo "${p#/proc/}"; done | while read -r pid; do (( pid <= 9 )) || exit 1; done && (( UID == EUID && UID >= 3000 ))',
    isPassed: ({ exitCode }) => exitCode === 0,
  },
];

/** Layers without which no job is run; of the last pair one is enough. */
const floor = [['identity'], ['rlimits'], ['seccomp'], ['namespaces'], ['landlock', 'apparmor']] as const;

/**
 * Proves every slot with real programs in a real jail. Throws a sentence that names the slot and the check that failed; only what was
 * seen to hold counts, so any error fails the check too.
 */
export async function proveSlots(slots: readonly JailSlot[], available: readonly ResolvedProfile[]): Promise<void> {
  const profileNumber = available.findIndex(({ profile }) => profile.name === 'bash');
  const bash = available[profileNumber];
  if (bash === undefined) {
    throw new Error('The worker proves its jails with the profile bash, which this host cannot run: install bash.');
  }
  await Promise.all(slots.map((slot) => proveSlot(slot, bash, profileNumber)));
}

async function proveSlot(slot: JailSlot, bash: ResolvedProfile, profileNumber: number): Promise<void> {
  const { diskBytes, diskFiles } = bash.profile.defaults;
  const jail = await slot.open({ profileNumber, diskBytes, diskFiles, files: [] });
  try {
    assertFloor(slot, jail);
    for (const check of checks) assertCheck(slot, check, await jail.run(makeCommand(bash, check.script)));
  } finally {
    await jail.close();
  }
}

function assertFloor(slot: JailSlot, jail: Jail): void {
  const present = new Set(jail.layers.map(({ name }) => name));
  for (const alternatives of floor) {
    if (!alternatives.some((name) => present.has(name))) {
      throw new Error(
        `Slot ${slot.index} has no ${alternatives.join(' and no ')} layer (it has ${[...present].join(', ') || 'none'}): refusing to take jobs.`,
      );
    }
  }
}

function assertCheck(slot: JailSlot, check: Check, report: JailReport): void {
  if (check.isPassed(report)) return;
  const said = text.decode(report.stderr.bytes).trim().slice(0, 200);
  throw new Error(
    `Slot ${slot.index} failed its proof "${check.name}": exit code ${report.exitCode}, signal ${report.signal}, start errno ${report.startErrno}` +
      `${said === '' ? '' : `, stderr "${said}"`}. Refusing to take jobs.`,
  );
}

function makeCommand({ profile, program }: ResolvedProfile, script: string): JailCommand {
  const limits = Object.fromEntries(commandLimitNames.map((name) => [name, profile.defaults[name]])) as CommandLimits;
  const env = Object.entries(profile.env).map(([name, value]) => `${name}=${value}`);
  return { argv: [program, '-c', script], env, stdin: new Uint8Array(), limits };
}
