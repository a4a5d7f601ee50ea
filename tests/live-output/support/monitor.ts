import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { Redis } from 'ioredis';
import { eventually } from '../../support/eventually.ts';

/** Every command that a Redis got from its clients while `work` ran, as it tells them to monitors: the words of each, the name in lower case. */
export async function whatRedisHears(
  { redis, socket }: { readonly redis: Redis; readonly socket: string },
  work: () => Promise<unknown>,
): Promise<readonly (readonly string[])[]> {
  const connection = connect(socket);
  const lines: string[] = [];
  createInterface({ input: connection }).on('line', (line) => lines.push(line));
  await once(connection, 'connect');
  connection.write('MONITOR\r\n');
  await eventually('the monitor is there', () => lines.length > 0);
  await work();
  await redis.set('last-word', '1');
  await eventually('the monitor has heard all', () => lines.some((line) => line.includes('last-word')));
  connection.destroy();
  // What scripts do is not sent by anybody.
  return lines.filter((line) => !/^\S+ \[\d+ lua\]/.test(line)).map(wordsOf);
}

function wordsOf(line: string): readonly string[] {
  const [name = '', ...words] = Array.from(line.matchAll(/"((?:[^"\\]|\\.)*)"/g), ([, word = '']) => word);
  return [name.toLowerCase(), ...words];
}
