import { expect, test } from 'vitest';
import { expandPattern } from '../src/expand-pattern.ts';
import { makeExampleHost } from './example-host.ts';

const host = makeExampleHost({
  paths: ['/opt/go-1.19/bin', '/opt/go-1.22/bin', '/opt/go', '/opt/rust/lib', '/etc/java-17-openjdk', '/etc/java'],
});

test.each([
  ['/usr/absent', ['/usr/absent']],
  ['/opt/go-*', ['/opt/go-1.22', '/opt/go-1.19']],
  ['/opt/go-*/bin', ['/opt/go-1.22/bin', '/opt/go-1.19/bin']],
  ['/opt/*/lib', ['/opt/rust/lib', '/opt/go-1.22/lib', '/opt/go-1.19/lib', '/opt/go/lib']],
  ['/*/java-*-openjdk', ['/etc/java-17-openjdk']],
  ['/opt/g*o*', ['/opt/go-1.22', '/opt/go-1.19', '/opt/go']],
  ['/opt/r*us*t', ['/opt/rust']],
  ['/opt/go*go', []],
  ['/nowhere/*', []],
])('%s stands for %j', async (pattern, expected) => {
  expect(await expandPattern(pattern, host)).toEqual(expected);
});
