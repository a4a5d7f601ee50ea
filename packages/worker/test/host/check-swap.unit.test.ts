import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { assertSwapCounts, countsSwap, parseSwaps } from '../../src/host/check-swap.ts';

const head = 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n';

/** Stands for a hierarchy in which new cgroups have no files for swap: a plain folder. */
function makeParent(): string {
  const parent = mkdtempSync(join(tmpdir(), 'bullpen-cgroup-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  return parent;
}

test('the names of swap devices and files are read', () => {
  expect(parseSwaps(head)).toEqual([]);
  expect(parseSwaps(`${head}/dev/sda2  partition\t8388604\t0\t-2\n/swap\\040file file 1 0 -3\n`)).toEqual([
    '/dev/sda2',
    '/swap\\040file',
  ]);
});

test.each(['memory', 'unified'] as const)('a cgroup of %s without a limit of swap does not count it', (controller) => {
  const parent = makeParent();
  expect(countsSwap({ [controller]: parent })).toBe(false);
  expect(readdirSync(parent)).toEqual([]);
});

test('nobody knows where no cgroup can be made', () => {
  expect(countsSwap({})).toBeNull();
  expect(countsSwap({ memory: '/proc/self' })).toBeNull();
});

test('swap that is in use and not counted stops the worker; nothing else does', () => {
  const memory = makeParent();
  expect(() => assertSwapCounts({ memory }, ['/dev/sda2'])).toThrow(
    /^Swap is in use \(\/dev\/sda2\) and this kernel does not count it, .*: switch it off \(swapoff -a\), or boot/,
  );
  expect(() => assertSwapCounts({ memory }, [])).not.toThrow();
  expect(() => assertSwapCounts({}, ['/dev/sda2'])).not.toThrow();
});
