import { expect, test } from 'vitest';
import { type ChildOptions, readProgram, startChild } from '../src/child-process.ts';

const quiet = { env: {}, ownGroup: true, stdout: 'ignore', stderr: 'ignore' } as const satisfies ChildOptions;
const node = (script: string, options: Partial<ChildOptions> = {}) =>
  startChild(process.execPath, ['-e', script], { ...quiet, ...options });

test.each([
  ['process.exit(0)', { exitCode: 0, failure: null }],
  ['process.exit(3)', { exitCode: 3, failure: 'exited with 3' }],
  ['process.kill(process.pid, "SIGKILL")', { exitCode: null, failure: 'was ended by SIGKILL' }],
])('the end of a child that does %s', async (script, ending) => {
  expect(await node(script).ended).toEqual(ending);
});

test.each([
  ['a program that is missing', '/nowhere/program', []],
  ['an argument with a NUL', process.execPath, ['a\0b']],
])('%s: the child ends without having started', async (_what, file, args) => {
  const child = startChild(file, args, quiet);
  expect(await child.ended).toMatchObject({ exitCode: null, failure: /^could not be started: / });
  expect(child.kill('SIGKILL')).toBe(false);
});

test('each line of both streams is heard before the end, the last one without its line feed, too', async () => {
  const lines: string[] = [];
  const hear = (line: string): void => void lines.push(line);
  const script = 'process.stdout.write("one\\ntwo"); process.stderr.write("three\\n")';
  await node(script, { stdout: hear, stderr: hear }).ended;
  expect(lines.toSorted()).toEqual(['one', 'three', 'two']);
});

test('a child has the environment that it was given, and no more', async () => {
  const lines: string[] = [];
  const hear = (line: string): void => void lines.push(line);
  await node('console.log(JSON.stringify(process.env))', { env: { ONE: '1', NONE: undefined }, stdout: hear }).ended;
  expect(lines).toEqual(['{"ONE":"1"}']);
});

test('a channel carries a first message up, words down, and its own end', async () => {
  const child = node('process.on("message", (word) => process.exit(word.length)); process.send({ ready: true })', {
    channel: true,
  });
  expect(await child.firstMessage).toEqual({ ready: true });
  child.send('four');
  expect(await child.ended).toMatchObject({ exitCode: 4 });
  const left = node('process.on("disconnect", () => process.exit(5)); process.send("here")', { channel: true });
  await left.firstMessage;
  left.disconnect();
  expect(await left.ended).toMatchObject({ exitCode: 5 });
});

test('a signal reaches a child that runs, and none that has ended', async () => {
  const child = node('setTimeout(() => {}, 60_000)');
  expect(child.kill('SIGTERM')).toBe(true);
  expect(await child.ended).toEqual({ exitCode: null, failure: 'was ended by SIGTERM' });
  expect(child.kill('SIGTERM')).toBe(false);
});

test('a short program is read to its end, and its last words are the error', async () => {
  expect(await readProgram(process.execPath, ['-e', 'console.log("well")'], 10_000)).toBe('well');
  const failing = readProgram(process.execPath, ['-e', 'console.error("a\\nill"); process.exit(1)'], 10_000);
  await expect(failing).rejects.toThrow('ill');
});
