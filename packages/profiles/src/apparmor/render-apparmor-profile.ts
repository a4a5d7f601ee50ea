import { createHash } from 'node:crypto';
import type { Profile } from '../profile.ts';
import { masksDirectory } from '../resolve-masks.ts';
import { apparmorPath } from './apparmor-path.ts';
import { hasLongerNames, type ViewRule, viewRules } from './view-rules.ts';

/** A profile as AppArmor's parser reads it. */
export interface AppArmorProfile {
  /** `bullpen-PROFILE-HASH`; the hash is of the rules, so that a kernel never enforces other rules under the same name. */
  readonly name: string;
  /** The whole file. */
  readonly text: string;
}

export interface AppArmorOptions {
  /** AppArmor label of a worker that is itself confined: it may signal its programs. `bullpen-worker` unless said. */
  readonly workerLabel?: string | undefined;
}

export const defaultWorkerLabel = 'bullpen-worker';

/**
 * AppArmor's text for a profile: the whitelist that the view and Landlock have, from the same data, so it is the same on every host.
 * Throws a sentence when a path of the profile cannot be written in AppArmor's language, or the label is none.
 */
export function renderAppArmorProfile(profile: Profile, options: AppArmorOptions = {}): AppArmorProfile {
  const workerLabel = options.workerLabel ?? defaultWorkerLabel;
  if (!/^[\w./-]{1,128}$/.test(workerLabel)) {
    throw new Error(
      `the worker's AppArmor label must be 1 to 128 letters, digits, dots, dashes, slashes or underscores, got ${JSON.stringify(workerLabel)}`,
    );
  }
  const { confinement } = profile;
  const sections = [
    signalRules(workerLabel),
    refusedRules,
    ...(confinement.unixSockets ? [unixSocketRules] : []),
    ['# What the jail shows of its host.', ...viewRules(profile).map(viewRule)],
    boxRules(profile),
    deviceRules,
    masksDirectory(profile, '/proc') ? labelRules : [...procRules, ...labelRules],
  ];
  const rules = sections.flat().filter((line) => !line.startsWith('#'));
  const hash = createHash('sha256')
    .update([abi, ...rules].join('\n'))
    .digest('hex')
    .slice(0, 12);
  const name = `bullpen-${profile.name}-${hash}`;
  return { name, text: render(profile, name, sections) };
}

function render(profile: Profile, name: string, sections: readonly (readonly string[])[]): string {
  const body = sections.map((lines) => lines.map((line) => `  ${line}\n`).join('')).join('\n');
  return (
    `# Made from the profile ${profile.name} by packages/profiles/src/apparmor/write-apparmor-files.ts; do not edit.\n` +
    `# Paths are those inside the jail. docs/apparmor.md says who enters this profile, and why each rule stands here.\n` +
    `${abi}\n\nprofile ${name} {\n${body}}\n`
  );
}

/** Pinned, so that parsers of AppArmor 3 and 4 make the same of it. */
const abi = 'abi <abi/3.0>,';

/** Without them nobody could end a program, root included. To a confined worker's programs their peers are stacks of labels. */
function signalRules(workerLabel: string): readonly string[] {
  return [
    '# The jailer may end these programs; they may signal each other.',
    `signal (receive) peer={unconfined,${workerLabel}},`,
    'signal (send, receive) peer={,**//&}@{profile_name}{,//&**},',
  ];
}

/**
 * All of it would be refused without these lines; with them it stays refused whatever is added, and is not logged. No line here may speak of
 * change_profile, not even to deny it: the parser then grants writing to the files below /proc that ask for a change.
 */
const refusedRules: readonly string[] = [
  '# Never, and not worth a line of the log.',
  'deny capability,',
  'deny ptrace,',
  'deny mount,',
  'deny remount,',
  'deny umount,',
  'deny pivot_root,',
];

/** The first is for kernels that know families of sockets only, the second for those that look closer. */
const unixSocketRules: readonly string[] = ['# The only family of sockets.', 'network unix,', 'unix,'];

/** The path may be a file or a directory; links that lead to it are followed before AppArmor looks. */
function viewRule({ access, pattern }: ViewRule): string {
  return `${withAllBelow(apparmorPath(pattern), hasLongerNames(pattern) ? '{,.*}' : '')} ${access === 'execute' ? 'mrix' : 'r'},`;
}

function withAllBelow(path: string, longer: string): string {
  const below = `${longer}{,/,/**}`;
  return path.endsWith('"') ? `${path.slice(0, -1)}${below}"` : `${path}${below}`;
}

function boxRules(profile: Profile): readonly string[] {
  const { write, executeWritten } = profile.confinement;
  const own = [profile.workDirectory, '/tmp', '/dev/shm'].filter((path) => !masksDirectory(profile, path));
  const names = own.map((path) => path.slice(1));
  const access = `${executeWritten ? 'm' : ''}r${write ? 'wkl' : ''}${executeWritten ? 'ix' : ''}`;
  return [
    "# The jail's own directories; the second line is for jails that mount nothing, whose directories lie somewhere on the host.",
    // Of one alternative AppArmor makes no pattern.
    `/${names.length === 1 ? names[0] : `{${names.join(',')}}`}/{,**} ${access},`,
    `owner /**/bullpen-box-*/{work,tmp}/{,**} ${access},`,
  ];
}

const deviceRules: readonly string[] = [
  '# Devices without a memory.',
  '/dev/ r,',
  '/dev/{null,zero,full,random,urandom} rw,',
];

/** What runtimes read of their own process. Entries of others carry the same names: that those stay out of reach is hidepid's and ptrace's work. */
const procRules: readonly string[] = [
  '# What runtimes read of their own process; nothing of it can be written.',
  '/proc/ r,',
  'owner /proc/[0-9]*/{,fd/,fdinfo/,task/} r,',
  'owner /proc/[0-9]*/task/[0-9]*/{,fd/,fdinfo/} r,',
  'owner /proc/[0-9]*/{,task/[0-9]*/}{auxv,cgroup,cmdline,comm,environ,fdinfo/*,limits,maps,mountinfo,mounts,oom_score,oom_score_adj} r,',
  'owner /proc/[0-9]*/{,task/[0-9]*/}{sched,schedstat,smaps,smaps_rollup,stat,statm,status} r,',
  'owner /proc/[0-9]*/coredump_filter r,',
];

const labelRules: readonly string[] = [
  "# The jailer reads its label back when it has entered; until exec the file is root's.",
  '/proc/[0-9]*/{,task/[0-9]*/}attr/apparmor/current r,',
];
