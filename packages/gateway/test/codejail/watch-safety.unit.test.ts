import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../../../../tests/support/eventually.ts';
import type { Executed, Execution } from '../../src/codejail/execution.ts';
import { watchSafety } from '../../src/codejail/watch-safety.ts';

const denied: Executed = { kind: 'exception', message: 'b"... PermissionError: [Errno 13] Permission denied: \'x\'"' };
const refused: Executed = {
  kind: 'exception',
  message: 'BlockingIOError: [Errno 11] Resource temporarily unavailable',
};
const missing: Executed = { kind: 'exception', message: "FileNotFoundError: [Errno 2] No such file or directory: 'x'" };
const done = (globalsJson: string): Executed => ({ kind: 'globals', globalsJson });

/** What jails that hold make of each check, by a word of its code. */
const holding: Readonly<Record<string, Executed>> = {
  'x + 1': done('{"x":17}'),
  listdir: denied,
  subprocess: denied,
  socket: denied,
};

const waitUntil = (condition: () => boolean): Promise<void> => eventually(String(condition), condition);

let stop = new AbortController();
afterEach(() => stop.abort());

/** A fleet that answers as `answers` say, which the test may change; null is no answer. */
function watchFleet(answers: Record<string, Executed | null>) {
  stop = new AbortController();
  const log: Record<string, unknown>[] = [];
  const fleet = { executions: 0 };
  const execute = async ({ codeJson }: Execution): Promise<Executed> => {
    fleet.executions += 1;
    const answer = Object.entries(answers).find(([word]) => codeJson.includes(word))?.[1];
    if (answer === null || answer === undefined) throw new Error('no worker');
    return answer;
  };
  const safety = watchSafety({
    execute,
    logger: pino({ base: null, timestamp: false }, { write: (line: string) => void log.push(JSON.parse(line)) }),
    everyMs: 60_000,
    retryMs: 5,
    patienceMs: 1000,
    signal: stop.signal,
  });
  return { safety, log, fleet };
}

test('nothing is safe before the checks have passed', async () => {
  const { safety, log } = watchFleet(holding);
  expect([safety.isSafe, safety.isAvailable]).toEqual([false, false]);
  await waitUntil(() => safety.isAvailable);
  expect(safety.isSafe).toBe(true);
  expect(log).toEqual([{ level: 30, verdict: 'passed', msg: 'codejail safety checks' }]);
});

test('a process limit is as good as a refusal to start a program', async () => {
  const { safety } = watchFleet({ ...holding, subprocess: refused });
  await waitUntil(() => safety.isAvailable);
});

test.each([
  ['functionality', 'x + 1', done('{"x":16}')],
  ['functionality', 'x + 1', denied],
  ['disk', 'listdir', done('{"found":["etc"]}')],
  ['disk', 'listdir', missing],
  ['exec', 'subprocess', done('{}')],
  ['exec', 'subprocess', missing],
  ['network', 'socket', done('{}')],
  ['network', 'socket', refused],
])('the check %s fails when %s ends with %j', async (check, word, executed) => {
  const answers = { ...holding, [word]: executed };
  const { safety, log } = watchFleet(answers);
  await waitUntil(() => log.length > 0);
  expect([safety.isSafe, safety.isAvailable]).toEqual([false, false]);
  expect(log).toMatchObject([{ level: 50, verdict: 'failed', findings: [{ check }] }]);
  answers[word] = holding[word] ?? executed;
  await waitUntil(() => safety.isAvailable);
});

test('a fleet that answers nothing is unavailable from the start, and not safe', async () => {
  const { safety, log } = watchFleet({});
  await waitUntil(() => log.length > 0);
  expect([safety.isSafe, safety.isAvailable]).toEqual([false, false]);
  expect(log).toMatchObject([{ verdict: 'no-answer' }]);
});

test('a fleet that was safe and answers no more is unavailable, but not unsafe; a doubt finds it out', async () => {
  const answers: Record<string, Executed | null> = { ...holding };
  const { safety } = watchFleet(answers);
  await waitUntil(() => safety.isAvailable);
  answers['socket'] = null;
  await waitUntil(() => {
    safety.doubt();
    return !safety.isAvailable;
  });
  expect(safety.isSafe).toBe(true);
  answers['socket'] = denied;
  await waitUntil(() => safety.isAvailable);
});

test.each([-9, -24])('a check that a time limit ends (%i) says nothing of the jails', async (status) => {
  const message = `Couldn't execute jailed code: stdout: b'', stderr: b'' with status code: ${status}`;
  const answers: Record<string, Executed | null> = { ...holding };
  const { safety } = watchFleet(answers);
  await waitUntil(() => safety.isAvailable);
  answers['socket'] = { kind: 'exception', message };
  await waitUntil(() => {
    safety.doubt();
    return !safety.isAvailable;
  });
  expect(safety.isSafe).toBe(true);
});

test('a fleet that was safe and lets something through is unsafe at once', async () => {
  const answers: Record<string, Executed | null> = { ...holding };
  const { safety } = watchFleet(answers);
  await waitUntil(() => safety.isAvailable);
  answers['socket'] = done('{}');
  await waitUntil(() => {
    safety.doubt();
    return !safety.isSafe;
  });
});

test('doubts do not start rounds one after another', async () => {
  const { safety, fleet } = watchFleet(holding);
  await waitUntil(() => safety.isAvailable);
  for (let doubt = 0; doubt < 100; doubt += 1) safety.doubt();
  expect(fleet.executions).toBeLessThanOrEqual(8);
});

test('it ends with its signal', async () => {
  const { safety, fleet } = watchFleet({});
  await waitUntil(() => fleet.executions >= 8);
  stop.abort();
  const { executions } = fleet;
  safety.doubt();
  await new Promise(setImmediate);
  expect(fleet.executions).toBeLessThanOrEqual(executions + 4);
});
