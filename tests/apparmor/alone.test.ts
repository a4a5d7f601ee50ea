import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { request, shell, slotOf, startWith, type TestJailer, text } from '../../packages/jailer/test/support/start.ts';
import { firstUid, makeTableFiles, profileLines } from '../../packages/jailer/test/support/table.ts';
import { hasAppArmor } from './kernel.ts';
import { rendered } from './rendered.ts';

const checkout = join(import.meta.dirname, '../..');
const program = join(checkout, 'packages/jailer/build/bullpen-jailer-sabotage');
const others = ['landlock', 'seccomp'];
const names = [rendered('bash').name, rendered('python').name];

/** A folder of the host in which everybody may read and write. */
const open = mkdtempSync('/run/bullpen-open-');
const boxes = mkdtempSync('/run/bullpen-boxes-');
let probe: Buffer;

beforeAll(() => {
  execFileSync('make', ['--silent', '-C', join(checkout, 'tests/probes')]);
  probe = readFileSync(join(checkout, 'tests/probes/build/probe'));
  chmodSync(open, 0o777);
  writeFileSync(join(open, 'file'), 'for everybody');
  chmodSync(join(open, 'file'), 0o666);
  writeFileSync(join(open, 'program'), probe);
  chmodSync(join(open, 'program'), 0o755);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m,mode=1777', 'boxes', boxes]);
  if (hasAppArmor) {
    const files = ['bash', 'python'].map((name) => join(checkout, `deploy/apparmor/${name}.apparmor`));
    execFileSync('/usr/sbin/apparmor_parser', ['--replace', '--skip-cache', ...files]);
  }
});
afterAll(() => {
  execFileSync('umount', ['--lazy', boxes]);
  for (const folder of [open, boxes]) rmSync(folder, { recursive: true });
});

/** A jailer without mounts and namespaces, so that what AppArmor does is not done by them. */
async function startLeavingOut(leaveOut: readonly string[]): Promise<TestJailer> {
  const files = makeTableFiles(1);
  const profiles = names.flatMap((name, number) => {
    const [head = '', ...rest] = profileLines(number, `profile-${number}`).filter((line) => !line.startsWith('link'));
    return [head, `apparmor ${name}`, ...rest];
  });
  const table = ['bullpen-table 1', `run-dir ${files.runDir}`, 'mode classic', `boxes ${boxes}`];
  const slot = `slot 0 ${firstUid} ${firstUid}`;
  return startWith({ files, lines: [...table, slot, ...profiles], slots: 1, program, leaveOut });
}

/** What each probe was answered: `through`, an errno, or the signal that ended it. */
async function answers(jailer: TestJailer, probes: readonly string[]): Promise<string[]> {
  const jail = await slotOf(jailer).open(request({ files: [{ path: 'probe', mode: 0o755, content: probe }] }));
  const said: string[] = [];
  for (const words of probes) {
    const report = await jail.run({ ...shell(''), argv: ['./probe', ...words.split(' ')] });
    said.push(text(report).split('\n').at(-2) ?? `signal ${report.signal}`);
  }
  await jail.close();
  return said;
}

/** Attacks that nothing else stops: they get through when AppArmor is left out, too. */
const stoppedByAppArmor = [
  ...['read /etc/passwd', 'list /', 'list /home', 'list /var', 'list /run', 'list /sys', `list ${open}`],
  ...['read /proc/sys/kernel/hostname', 'read-through-symlink /etc/passwd', 'read ../../../../../../etc/passwd'],
  ...[`read ${open}/file`, `write ${open}/file`, `write ${open}/new`, `mkdir ${open}/folder`, `truncate ${open}/file`],
  ...[`rename ${open}/file stolen`, `unlink ${open}/file`, `execute-written ${open}/copy`],
  ...['socket-inet', 'socket-inet6', 'socket-udp', 'socket-netlink'],
];

/** Attacks that ownership stops as well (and one that no kernel knows): what AppArmor does is seen by the attacks above. */
const alsoStoppedByOwnership = [
  ...['read /etc/shadow', 'list /root', 'read /proc/1/environ', 'read /dev/mem', 'write /proc/sys/kernel/core_pattern'],
  ...['write /x', 'mkdir /x', 'write /usr/bin/env', 'truncate /usr/bin/env', 'unlink /usr/bin/env', 'write /dev/x'],
  ...['mknod-block device', 'chown-root probe', 'socket-raw', 'socket-packet', 'socketpair-inet'],
];

if (hasAppArmor) describeAlone();
else describeWithout();

function describeWithout(): void {
  test('without AppArmor a jail that asks for it is not made, whatever else is left out', async () => {
    const jailer = await startLeavingOut(others);
    await expect(answers(jailer, ['see-self'])).rejects.toThrow('failed at step measure: profile-0: ENOSYS');
    await jailer.close();
    jailer.files.remove();
  });
}

function describeAlone(): void {
  describe('AppArmor without Landlock, seccomp, mounts and namespaces', () => {
    let jailer: TestJailer;
    beforeAll(async () => {
      jailer = await startLeavingOut(others);
    });
    afterAll(async () => {
      await jailer?.close();
      jailer?.files.remove();
    });

    test.each([...stoppedByAppArmor, ...alsoStoppedByOwnership])('stops: %s', async (words) => {
      expect((await answers(jailer, [words]))[0]).toMatch(/^(EACCES|EPERM)$/);
    });

    test('lets a program use its own places and its own processes', async () => {
      const words = ['write a', 'read a', 'mkdir d', 'list .', 'see-self', 'fork', 'thread', 'socketpair-unix'];
      expect(await answers(jailer, words)).toEqual(words.map(() => 'through'));
    });

    test.each([
      ['what the program wrote', 'x'],
      ['a program of the host outside the view', `${open}/program`],
    ])('stops executing %s', async (_what, file) => {
      expect(await execute(jailer, file)).toBe('13\n');
    });
  });

  describe('with AppArmor left out, too', () => {
    let jailer: TestJailer;
    beforeAll(async () => {
      jailer = await startLeavingOut([...others, 'apparmor']);
    });
    afterAll(async () => {
      await jailer?.close();
      jailer?.files.remove();
    });

    test('the attacks that nothing else stops get through', async () => {
      // In this order, since some of them take away what others need.
      const gone = ['rename', 'unlink'];
      const first = stoppedByAppArmor.filter((words) => !gone.includes(words.split(' ')[0] ?? ''));
      const said = await answers(jailer, first);
      expect(first.filter((_, index) => said[index] !== 'through')).toEqual([]);
      expect(await answers(jailer, [`rename ${open}/new ${open}/old`, `unlink ${open}/old`])).toEqual([
        'through',
        'through',
      ]);
    });

    test.each([
      ['what the program wrote', 'x'],
      ['a program of the host outside the view', `${open}/program`],
    ])('%s is executed', async (_what, file) => {
      expect(await execute(jailer, file)).toContain('through');
    });

    test('ownership still stops the others', async () => {
      expect(await answers(jailer, alsoStoppedByOwnership)).not.toContain('through');
    });
  });
}

/** Executes a file from a python program, whose profile lets it run nothing but what its view shows; prints the errno where that fails. */
async function execute(jailer: TestJailer, file: string): Promise<string> {
  const jail = await slotOf(jailer).open(
    request({ profileNumber: 1, files: [{ path: 'x', mode: 0o755, content: probe }] }),
  );
  const script = `import os\ntry: os.execv(${JSON.stringify(file)}, ['x', 'see-self'])\nexcept OSError as e: print(e.errno)`;
  const report = await jail.run({ ...shell(''), argv: ['python3', '-c', script] });
  await jail.close();
  return text(report);
}
