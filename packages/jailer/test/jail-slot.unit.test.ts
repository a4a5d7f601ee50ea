import { type Duplex, duplexPair } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FrameDecoder } from '../ts/frame-decoder.ts';
import { requestTypes } from '../ts/frame-format.ts';
import { KeeperSlot } from '../ts/jail-slot.ts';
import type { JailCommand, JailRequest } from '../ts/types.ts';
import { makeRandom, splitRandomly } from './support/random.ts';
import {
  closedFrame,
  errorFrame,
  exitedFrame,
  helloFrame,
  openedFrame,
  stdoutFrame,
} from './support/scripted-frames.ts';

const request: JailRequest = { profileNumber: 0, diskBytes: 65_536, diskFiles: 16, files: [] };
const limits = {
  wallTimeMs: 1000,
  cpuTimeMs: 1000,
  memoryBytes: 4_194_304,
  addressSpaceBytes: null,
  processes: 1,
  fileSizeBytes: 0,
  openFiles: 8,
  stackBytes: 65_536,
  outputBytes: 1000,
};
const command: JailCommand = { argv: ['true'], env: [], stdin: new Uint8Array(), limits };

/** A slot whose keeper is played by the test, frame by frame: what a real keeper cannot be brought to do on demand. */
function playKeeper(answer: (type: number, keeper: Duplex) => void = () => {}): {
  slot: KeeperSlot;
  keeper: Duplex;
  worker: Duplex;
  seen: number[];
  wishes: number[];
} {
  const [worker, keeper] = duplexPair();
  onTestFinished(() => {
    worker.destroy();
    keeper.destroy();
  });
  const seen: number[] = [];
  const wishes: number[] = [];
  const decoder = new FrameDecoder((type) => {
    seen.push(type);
    answer(type, keeper);
  });
  keeper.on('data', (chunk: Buffer) => decoder.push(chunk)).on('error', () => {});
  return { slot: new KeeperSlot(worker, 0, (number) => wishes.push(number)), keeper, worker, seen, wishes };
}

function sound(type: number, keeper: Duplex): void {
  if (type === requestTypes.OPEN) keeper.write(openedFrame('seccomp=filter'));
  if (type === requestTypes.CLOSE) keeper.write(closedFrame());
}

describe('a slot', () => {
  test('opens, runs and closes, and can then be opened again', async () => {
    const { slot, keeper } = playKeeper((type, stream) => {
      sound(type, stream);
      if (type === requestTypes.RUN) stream.write(Buffer.concat([stdoutFrame(Buffer.from('hello')), exitedFrame(3)]));
    });
    keeper.write(helloFrame(0));
    for (let i = 0; i < 3; i += 1) {
      const jail = await slot.open(request);
      expect(jail.layers).toEqual([{ name: 'seccomp', detail: 'filter' }]);
      const report = await jail.run(command);
      expect([report.exitCode, Buffer.from(report.stdout.bytes).toString()]).toEqual([3, 'hello']);
      await jail.close();
      await jail.close();
    }
    expect(slot.uid).toBe(4000);
  });

  test('refuses a second jail while one is open, and a second command while one runs', async () => {
    const { slot, keeper } = playKeeper(sound);
    keeper.write(helloFrame(0));
    const jail = await slot.open(request);
    await expect(slot.open(request)).rejects.toThrow(/has an open jail/);
    const running = jail.run(command);
    await expect(jail.run(command)).rejects.toThrow(/one thing at a time/);
    keeper.write(exitedFrame(0));
    await running;
  });

  test('an error that comes between two calls is told by the next call, and the jail can be closed', async () => {
    const { slot, keeper } = playKeeper(sound);
    keeper.write(helloFrame(0));
    const jail = await slot.open(request);
    keeper.write(errorFrame('write_file', 28, 'a'));
    await sleep(1);
    await expect(jail.run(command)).rejects.toMatchObject({ name: 'JailerError', step: 'write_file', errno: 28 });
    await jail.close();
    await (await slot.open(request)).close();
  });

  test('an error that comes behind OPENED, while files are still sent, fails the opening and not the next call', async () => {
    let pieces = 0;
    const { slot, keeper } = playKeeper((type, stream) => {
      sound(type, stream);
      if (type === requestTypes.FILE_DATA && ++pieces === 5) stream.write(errorFrame('write_file', 28, 'a'));
    });
    keeper.write(helloFrame(0));
    const files = [{ path: 'a', mode: 0o644, content: Buffer.alloc(3_000_000) }];
    await expect(slot.open({ ...request, files })).rejects.toMatchObject({ step: 'write_file', errno: 28 });
    await (await slot.open(request)).close();
  });

  test('all files are sent, also when OPENED comes before the last of them', async () => {
    const { slot, keeper, seen } = playKeeper(sound);
    keeper.write(helloFrame(0));
    const content = Buffer.alloc(3_000_000);
    const jail = await slot.open({ ...request, files: [{ path: 'a', mode: 0o644, content }] });
    await jail.close();
    const pieces = Math.ceil(content.length / 131_064);
    expect(seen.filter((type) => type === requestTypes.FILE_DATA).length).toBe(pieces);
  });

  test('an abort sends KILL behind RUN, also when the signal was aborted before', async () => {
    const { slot, keeper, seen } = playKeeper((type, stream) => {
      sound(type, stream);
      if (type === requestTypes.KILL) stream.write(exitedFrame(0));
    });
    keeper.write(helloFrame(0));
    const jail = await slot.open(request);
    await jail.run({ ...command, stdin: Buffer.alloc(1_000_000) }, { signal: AbortSignal.abort() });
    expect(seen.slice(-3)).toEqual([requestTypes.STDIN, requestTypes.RUN, requestTypes.KILL]);
  });

  test('a slot that cannot be proven empty rejects close and waits for the next keeper', async () => {
    const { slot, keeper } = playKeeper((type, stream) => {
      if (type === requestTypes.OPEN) stream.write(openedFrame());
      if (type === requestTypes.CLOSE) stream.write(errorFrame('prove_empty', 0, '2 processes left'));
    });
    keeper.write(helloFrame(0));
    const jail = await slot.open(request);
    await expect(jail.close()).rejects.toMatchObject({ step: 'prove_empty' });
    const next = slot.open(request);
    await sleep(1);
    keeper.write(helloFrame(0));
    await next;
  });

  test('an argument with a NUL rejects with a sentence and reaches no keeper', async () => {
    const { slot, keeper, seen } = playKeeper(sound);
    keeper.write(helloFrame(0));
    const jail = await slot.open(request);
    await expect(jail.run({ ...command, argv: ['a\0b'] })).rejects.toMatchObject({
      name: 'JailerError',
      step: 'request',
    });
    await jail.close();
    expect(seen).toEqual([requestTypes.OPEN, requestTypes.CLOSE]);
  });

  test('when the jailer ends, every call rejects with step keeper', async () => {
    const { slot, keeper, worker } = playKeeper(sound);
    keeper.write(helloFrame(0));
    const jail = await slot.open(request);
    const running = jail.run(command);
    worker.destroy();
    await expect(running).rejects.toMatchObject({ step: 'keeper', detail: 'slot 0 was lost, the jailer ended' });
    await jail.close();
    await expect(slot.open(request)).rejects.toMatchObject({ step: 'keeper' });
  });
});

describe('a lost keeper', () => {
  const nonce = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
  const other = Buffer.alloc(16, 9);
  const flood = stdoutFrame(Buffer.alloc(5000, 65));

  test.each<[how: string, left: Buffer]>([
    ['between two frames', Buffer.alloc(0)],
    ['within a header', Buffer.from([9, 0, 0])],
    ['early in a frame', flood.subarray(0, 2000)],
    ['just before the end of a frame', flood.subarray(0, flood.length - 3)],
    ['and left garbage', Buffer.from('ffffffffffffffffffff', 'hex')],
    [
      'behind a HELLO that its program forged',
      Buffer.concat([stdoutFrame(helloFrame(0)), helloFrame(0), helloFrame(0, other)]),
    ],
    [
      'with answers to the next job that its program forged',
      Buffer.concat([openedFrame('forged=1'), exitedFrame(0), closedFrame()]),
    ],
  ])('that died %s fails its job once, and the slot serves the next job with the next keeper', async (_, left) => {
    const { slot, keeper, seen } = playKeeper(sound);
    keeper.write(helloFrame(0));
    const jail = await slot.open(request);
    const running = jail.run(command);
    slot.announced(nonce);
    await expect(running).rejects.toMatchObject({ name: 'JailerError', step: 'keeper' });
    keeper.write(Buffer.concat([left, helloFrame(0, nonce)]));
    await jail.close();
    const next = await slot.open(request);
    expect(next.layers).toEqual([{ name: 'seccomp', detail: 'filter' }]);
    await next.close();
    expect(seen.slice(-3)).toEqual([requestTypes.SYNC, requestTypes.OPEN, requestTypes.CLOSE]);
  });

  test.each([11, 12, 13])('is followed by the next however the bytes are split (seed %d)', async (seed) => {
    const { slot, keeper } = playKeeper(sound);
    keeper.write(helloFrame(0));
    const running = (await slot.open(request)).run(command);
    slot.announced(nonce);
    const bytes = Buffer.concat([Buffer.alloc(9000, nonce.subarray(0, 15)), helloFrame(0, nonce)]);
    for (const piece of splitRandomly(bytes, makeRandom(seed), 300)) keeper.write(piece);
    await expect(running).rejects.toMatchObject({ step: 'keeper' });
    await (await slot.open(request)).close();
  });

  test.each<[what: string, bytes: Buffer]>([
    ['bytes that are no frame', Buffer.alloc(8, 0xff)],
    ['a reply that has no place', closedFrame()],
    ['a second HELLO', helloFrame(0)],
    ['the HELLO of another slot', helloFrame(1)],
  ])('is one that sends %s: its call fails and the master is asked for another', async (_, bytes) => {
    const { slot, keeper, wishes } = playKeeper(sound);
    keeper.write(helloFrame(0));
    const running = (await slot.open(request)).run(command);
    keeper.write(bytes);
    await expect(running).rejects.toMatchObject({ step: 'keeper' });
    expect(wishes).toEqual([0]);
  });

  test('replace() asks for the next keeper by number, fails the open call and resolves at its HELLO', async () => {
    const { slot, keeper, wishes } = playKeeper();
    keeper.write(helloFrame(0));
    const opening = slot.open(request);
    await sleep(1);
    for (const number of [0, 1]) {
      const replaced = slot.replace();
      expect(wishes).toHaveLength(number + 1);
      slot.announced(Buffer.alloc(16, number));
      keeper.write(helloFrame(0, Buffer.alloc(16, number)));
      await replaced;
    }
    await expect(opening).rejects.toMatchObject({ step: 'keeper' });
    expect(wishes).toEqual([0, 1]);
  });
});
