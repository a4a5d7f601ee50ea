import { expect, test } from 'vitest';
import { remedyOf } from '../../src/redis/redis-refusal.ts';

test.each([
  "OOM command not allowed when used memory > 'maxmemory'. script: 1e9bb7, on @user_script:119.",
  "ERR Error running script (call to f_1): @user_script:5: -OOM command not allowed when used memory > 'maxmemory'.",
  'MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist on disk.',
  "READONLY You can't write against a read only replica.",
  'NOREPLICAS Not enough good replicas to write.',
  'LOADING Redis is loading the dataset in memory',
  'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
  'CLUSTERDOWN The cluster is down',
  'TRYAGAIN Multiple keys request during rehashing of slot',
  'Too many Cluster redirections. Last error: ReplyError: CLUSTERDOWN The cluster is down',
])('Redis refuses for a while: %s', (message) => {
  expect(remedyOf(new Error(message))).toMatch(/: /);
});

test.each([
  'WRONGTYPE Operation against a key holding the wrong kind of value',
  'BUSYKEY Target key name already exists.',
  'BUSYGROUP Consumer Group name already exists',
  'NOAUTH Authentication required.',
  'NOSCRIPT No matching script. Please use EVAL.',
  'ERR value is not an integer or out of range',
  'internal: OOM command not allowed',
])('a fault of the command: %s', (message) => {
  expect(remedyOf(new Error(message))).toBeNull();
});

test('what is no error is no refusal', () => {
  expect(remedyOf('OOM command not allowed')).toBeNull();
});
