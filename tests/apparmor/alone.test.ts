import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { text } from '../../packages/jailer/test/support/start.ts';
import { type BareJailer, startBareJailer } from '../support/bare-jailer.ts';
import { hasAppArmor } from './kernel.ts';
import { rendered } from './rendered.ts';

const checkout = join(import.meta.dirname, '../..');
const others = ['landlock', 'seccomp'];
const names = [rendered('bash').name, rendered('python').name];

/** A folder of the host in which everybody may read and write. */
const open = mkdtempSync('/run/bullpen-open-');
beforeAll(() => {
  chmodSync(open, 0o777);
  writeFileSync(join(open, 'file'), 'for everybody');
  chmodSync(join(open, 'file'), 0o666);
  writeFileSync(join(open, 'secret'), 'for root', { mode: 0o600 });
  copyFileSync('/usr/bin/true', join(open, 'program'));
  chmodSync(join(open, 'program'), 0o755);
  if (hasAppArmor) {
    const files = ['bash', 'python'].map((name) => join(checkout, `deploy/apparmor/${name}.apparmor`));
    execFileSync('/usr/sbin/apparmor_parser', ['--replace', '--skip-cache', ...files]);
  }
});
afterAll(() => rmSync(open, { recursive: true }));

/** What each probe was answered: `through`, an errno, or nothing where a signal ended it. */
async function answers(jailer: BareJailer, probes: readonly string[]): Promise<(string | undefined)[]> {
  return (await jailer.probe(probes)).map((lines) => lines.at(-1));
}

/** Attacks that nothing else stops: they get through when AppArmor is left out, too. */
const stoppedByAppArmor = [
  ...['read /etc/passwd', 'list /', 'list /var', 'list /run', 'list /sys', `list ${open}`],
  ...['read /proc/sys/kernel/hostname', 'read-through-symlink /etc/passwd', 'read ../../../../../../etc/passwd'],
  ...[`read ${open}/file`, `write ${open}/file`, `write ${open}/new`, `mkdir ${open}/folder`, `truncate ${open}/file`],
  ...[`rename ${open}/file ${open}/stolen`, `unlink ${open}/file`, `execute-written ${open}/copy`],
  ...['socket-inet', 'socket-inet6', 'socket-udp', 'socket-netlink'],
];

/** Attacks that ownership stops as well (and one that no kernel knows): what AppArmor does is seen by the attacks above. */
const alsoStoppedByOwnership = [
  ...[
    `read ${open}/secret`,
    'list /root',
    'read /proc/1/environ',
    'read /dev/mem',
    'write /proc/sys/kernel/core_pattern',
  ],
  ...['write /x', 'mkdir /x', 'write /usr/bin/env', 'truncate /usr/bin/env', 'unlink /usr/bin/env', 'write /dev/x'],
  ...['mknod-block device', 'chown-root probe', 'socket-raw', 'socket-packet', 'socketpair-inet'],
];

if (hasAppArmor) describeAlone();
else describeWithout();

function describeWithout(): void {
  test('without AppArmor a jail that asks for it is not made, whatever else is left out', async () => {
    const jailer = await startBareJailer(others, names);
    await expect(answers(jailer, ['see-self'])).rejects.toThrow('failed at step measure: profile-0: ENOSYS');
    await jailer.end();
  });
}

function describeAlone(): void {
  describe('AppArmor without Landlock, seccomp, mounts and namespaces', () => {
    let jailer: BareJailer;
    beforeAll(async () => {
      jailer = await startBareJailer(others, names);
    });
    afterAll(() => jailer?.end());

    test.each([...stoppedByAppArmor, ...alsoStoppedByOwnership])('stops: %s', async (words) => {
      expect((await answers(jailer, [words]))[0]).toMatch(/^(EACCES|EPERM)$/);
    });

    test('is alone: calls that seccomp refuses, and sockets by address, get through', async () => {
      expect(await answers(jailer, ['personality', 'socket-unix'])).toEqual(['through', 'through']);
    });

    test('lets a program use its own places and its own processes', async () => {
      const words = ['write a', 'read a', 'mkdir d', 'list .', 'see-self', 'fork', 'thread', 'socketpair-unix'];
      expect(await answers(jailer, words)).toEqual(words.map(() => 'through'));
    });

    test.each([
      ['what the program wrote', './probe'],
      ['a program of the host outside the view', `${open}/program`],
    ])('stops executing %s', async (_what, file) => {
      expect(await execute(jailer, file)).toBe('13\n0');
    });
  });

  describe('with AppArmor left out, too', () => {
    let jailer: BareJailer;
    beforeAll(async () => {
      jailer = await startBareJailer([...others, 'apparmor'], names);
    });
    afterAll(() => jailer?.end());

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
      ['what the program wrote', './probe', 'through\n0'],
      ['a program of the host outside the view', `${open}/program`, '0'],
    ])('%s is executed', async (_what, file, said) => {
      expect(await execute(jailer, file)).toBe(said);
    });

    test('ownership still stops the others', async () => {
      expect(await answers(jailer, alsoStoppedByOwnership)).not.toContain('through');
    });
  });
}

/** Executes a file from a python program, whose profile lets it run nothing but what its view shows: the errno, or what a program ends with. */
async function execute(jailer: BareJailer, file: string): Promise<string> {
  const script = `import os\ntry: os.execv(${JSON.stringify(file)}, ['x', 'see-self'])\nexcept OSError as e: print(e.errno)`;
  const report = await jailer.run(1, ['python3', '-c', script]);
  return text(report) + report.exitCode;
}
