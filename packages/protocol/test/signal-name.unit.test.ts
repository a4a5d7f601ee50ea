import { expect, test } from 'vitest';
import { signalName } from '../src/signal-name.ts';

test.each([
  [1, 'SIGHUP'],
  [6, 'SIGABRT'],
  [9, 'SIGKILL'],
  [11, 'SIGSEGV'],
  [15, 'SIGTERM'],
  [24, 'SIGXCPU'],
  [25, 'SIGXFSZ'],
  [29, 'SIGIO'],
  [31, 'SIGSYS'],
  [34, 'SIG34'],
  [64, 'SIG64'],
])('signal %i is %s', (number, name) => {
  expect(signalName(number)).toBe(name);
});
