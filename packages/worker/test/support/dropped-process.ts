/** Gives up root's rights as a worker does, tries to get at things all the same, and prints what each try answered. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dropPrivileges } from '../../src/host/drop-privileges.ts';

const [secret = '', slotUid = ''] = process.argv.slice(2);
const slot = spawn('sleep', ['30'], { uid: Number(slotUid), gid: Number(slotUid), stdio: 'ignore' });
await once(slot, 'spawn');
// The guard outlives our rights and ends the other user's process for us.
const guard = spawn('sh', ['-c', 'read line; kill "$0"', String(slot.pid)], { stdio: ['pipe', 'ignore', 'ignore'] });
await once(guard, 'spawn');

dropPrivileges({ uid: 1_900_000_777, gid: 1_900_000_777 });

function answerOf(attempt: () => unknown): string {
  try {
    attempt();
    return 'allowed';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

const answers = {
  uid: process.geteuid?.(),
  setuidRoot: answerOf(() => process.setuid?.(0)),
  setgidRoot: answerOf(() => process.setgid?.(0)),
  setuidSlot: answerOf(() => process.seteuid?.(Number(slotUid))),
  setgroups: answerOf(() => process.setgroups?.([0])),
  readSecret: answerOf(() => readFileSync(secret)),
  readShadow: answerOf(() => readFileSync('/etc/shadow')),
  killSlot: answerOf(() => process.kill(slot.pid ?? 0, 'SIGKILL')),
  killInit: answerOf(() => process.kill(1, 0)),
};
slot.unref();
guard.stdin?.end('\n');
process.stdout.write(JSON.stringify(answers));
