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
} {
  const [worker, keeper] = duplexPair();
  onTestFinished(() => {
    worker.destroy();
    keeper.destroy();
  });
  const seen: number[] = [];
  const decoder = new FrameDecoder((type) => {
    seen.push(type);
    answer(type, keeper);
  });
  keeper.on('data', (chunk: Buffer) => decoder.push(chunk)).on('error', () => {});
  return { slot: new KeeperSlot(worker, 0), keeper, worker, seen };
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
  test.each([
    ['between two frames', Buffer.alloc(0)],
    ['early in a frame', stdoutFrame(Buffer.alloc(5000, 65)).subarray(0, 2000)],
    ['and left garbage', Buffer.from('ffffffffffffffffffff', 'hex')],
  ])('that died %s fails its job once, and the slot works again after the next HELLO', async (_, left) => {
    const { slot, keeper } = playKeeper(sound);
    keeper.write(helloFrame(0));
    const jail = await slot.open(request);
    const running = jail.run(command);
    keeper.write(Buffer.concat([left, helloFrame(0)]));
    await expect(running).rejects.toMatchObject({ name: 'JailerError', step: 'keeper' });
    await jail.close();
    await (await slot.open(request)).close();
  });

  test.each([11, 12, 13])('is found however its last bytes are split (seed %d)', async (seed) => {
    const { slot, keeper } = playKeeper(sound);
    keeper.write(helloFrame(0));
    const running = (await slot.open(request)).run(command);
    const bytes = Buffer.concat([Buffer.from('ffffffffffffffff', 'hex'), Buffer.alloc(9000, 7), helloFrame(0)]);
    for (const piece of splitRandomly(bytes, makeRandom(seed), 300)) keeper.write(piece);
    await expect(running).rejects.toMatchObject({ step: 'keeper' });
    await (await slot.open(request)).close();
  });

  test("replace() sends the poison, fails the open call and resolves at the next keeper's HELLO", async () => {
    const { slot, keeper } = playKeeper();
    keeper.write(helloFrame(0));
    const opening = slot.open(request);
    await sleep(1);
    keeper.removeAllListeners('data');
    keeper.on('data', (chunk: Buffer) => {
      if (chunk.equals(Buffer.alloc(8, 0xff))) keeper.write(helloFrame(0));
    });
    const replaced = slot.replace();
    await expect(opening).rejects.toMatchObject({ step: 'keeper' });
    await replaced;
  });
});
