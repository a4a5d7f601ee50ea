import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { replyTypes, requestTypes, tags } from '../ts/frame-format.ts';
import { FrameWriter } from '../ts/frame-writer.ts';
import { closeRequest, collectRequest, openRequest, runRequest } from '../ts/requests.ts';
import { makeRandom } from './support/random.ts';
import { type RawSlot, startRawSlot } from './support/raw-slot.ts';
import { request, shell } from './support/start.ts';

let slot: RawSlot;
beforeAll(async () => {
  slot = await startRawSlot();
});
afterAll(() => end(slot));

const open = Buffer.concat([...openRequest(request())]);
const run = Buffer.concat([...runRequest(shell('true'))]);
const frame = (type: number): FrameWriter => new FrameWriter().begin(type);
const file = (path: string): Buffer =>
  frame(requestTypes.FILE).string(tags.PATH, path).u32(tags.MODE, 0o644).end().take();
const header = (length: number, type: number, zero = 0): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(length, 0);
  bytes.writeUInt16LE(type, 4);
  bytes.writeUInt16LE(zero, 6);
  return bytes;
};
/** A path field with any bytes, which the writer itself would refuse. */
const filePath = (bytes: Buffer): Buffer =>
  frame(requestTypes.FILE).bytes(tags.PATH, bytes).u32(tags.MODE, 0o644).end().take();

async function startOwn(): Promise<RawSlot> {
  const own = await startRawSlot();
  onTestFinished(() => end(own));
  return own;
}

async function end(raw: RawSlot): Promise<void> {
  raw.process.letGo();
  await raw.process.ended;
  raw.files.remove();
}

/** The slot serves a whole job: whatever came before did no lasting harm. */
async function expectSound(of: RawSlot = slot): Promise<void> {
  expect(await of.send(Buffer.concat([open, run, closeRequest()]), replyTypes.CLOSED, replyTypes.ERROR)).toBe('CLOSED');
}

describe('a frame that no sound worker sends makes the slot anew', () => {
  test.each<[what: string, bytes: Buffer]>([
    ['a body above the bound', header(131_073, requestTypes.OPEN)],
    ['the poison', header(0xffffffff, 0xffff, 0xffff)],
    ['a reserved half-word that is not zero', header(0, requestTypes.OPEN, 1)],
    ['an unknown type', header(0, 99)],
    ['a reply', header(0, replyTypes.OPENED)],
    ['a second OPEN', Buffer.concat([open, open])],
    ['FILE before OPEN', file('a')],
    ['RUN before OPEN', run],
    ['COLLECT before OPEN', collectRequest('a', 1)],
  ])('%s', async (_, bytes) => {
    // A jailer of its own, since one whose keepers die young waits longer and longer before it makes another.
    const own = await startOwn();
    expect(await own.send(bytes, replyTypes.HELLO, replyTypes.ERROR)).toBe('HELLO');
    await expectSound(own);
  });
});

describe('a request that breaks a rule is an ERROR, and the slot goes on after CLOSE', () => {
  const inJail = (bytes: Buffer): Buffer => Buffer.concat([open, bytes]);
  const opened = (profile: number): FrameWriter => frame(requestTypes.OPEN).u32(tags.PROFILE, profile);
  const longest = 'a/'.repeat(2100);
  test.each<[what: string, bytes: Buffer]>([
    [
      'a field whose length exceeds its frame',
      inJail(
        Buffer.concat([header(12, requestTypes.FILE), Buffer.from('0200000005000000616161', 'hex'), Buffer.alloc(1)]),
      ),
    ],
    ['a field header that is cut off', inJail(Buffer.concat([header(3, requestTypes.STDIN), Buffer.alloc(3)]))],
    [
      'an unknown tag',
      inJail(frame(requestTypes.FILE).string(tags.PATH, 'a').u32(tags.MODE, 0o644).u32(999, 1).end().take()),
    ],
    [
      'a tag that has no place there',
      inJail(frame(requestTypes.FILE).string(tags.PATH, 'a').u32(tags.MODE, 0o644).u32(tags.UID, 0).end().take()),
    ],
    ['a missing field', inJail(frame(requestTypes.FILE).string(tags.PATH, 'a').end().take())],
    [
      'a number of the wrong size',
      inJail(frame(requestTypes.FILE).string(tags.PATH, 'a').u64(tags.MODE, 0o644).end().take()),
    ],
    ['a NUL in a path', inJail(filePath(Buffer.from('a\0b')))],
    ['an empty path', inJail(file(''))],
    ['an absolute path', inJail(file('/etc/passwd'))],
    ['a path with ..', inJail(file('../x'))],
    ['a path with .. inside', inJail(file('a/../../x'))],
    ['a path of a lone dot', inJail(file('.'))],
    ['a path with an empty name', inJail(file('a//b'))],
    ['a path that is too long', inJail(file(longest))],
    ['a file without its folder’s room', inJail(Buffer.concat([file('a'), file('a/b')]))],
    ['FILE_DATA without FILE', inJail(frame(requestTypes.FILE_DATA).bytes(tags.DATA, Buffer.from('x')).end().take())],
    [
      'a mode with the setuid bit',
      inJail(frame(requestTypes.FILE).string(tags.PATH, 'a').u32(tags.MODE, 0o4755).end().take()),
    ],
    [
      'a directory with data',
      inJail(
        frame(requestTypes.FILE)
          .string(tags.PATH, 'a')
          .u32(tags.MODE, 0o040755)
          .bytes(tags.DATA, Buffer.from('x'))
          .end()
          .take(),
      ),
    ],
    [
      'a directory with the sticky bit',
      inJail(frame(requestTypes.FILE).string(tags.PATH, 'a').u32(tags.MODE, 0o041755).end().take()),
    ],
    [
      'a mode of a symbolic link',
      inJail(frame(requestTypes.FILE).string(tags.PATH, 'a').u32(tags.MODE, 0o120755).end().take()),
    ],
    [
      'a directory where a file stands',
      inJail(
        Buffer.concat([
          file('a'),
          frame(requestTypes.FILE).string(tags.PATH, 'a').u32(tags.MODE, 0o040755).end().take(),
        ]),
      ),
    ],
    [
      'FILE_DATA for a directory',
      inJail(
        Buffer.concat([
          frame(requestTypes.FILE).string(tags.PATH, 'a').u32(tags.MODE, 0o040755).end().take(),
          frame(requestTypes.FILE_DATA).bytes(tags.DATA, Buffer.from('x')).end().take(),
        ]),
      ),
    ],
    ['an unknown profile number', opened(1).u64(tags.DISK_BYTES, 65_536).u64(tags.DISK_FILES, 16).end().take()],
    [
      'the largest profile number',
      opened(0xffffffff).u64(tags.DISK_BYTES, 65_536).u64(tags.DISK_FILES, 16).end().take(),
    ],
    [
      'more disk than the ceiling',
      opened(0)
        .u64(tags.DISK_BYTES, 2 ** 40)
        .u64(tags.DISK_FILES, 16)
        .end()
        .take(),
    ],
    ['RUN without an argument', inJail(Buffer.concat([...runRequest({ ...shell(''), argv: [] })]))],
    ['RUN without limits', inJail(frame(requestTypes.RUN).string(tags.ARG, 'true').end().take())],
    ['RUN with a limit twice', inJail(twice())],
    ['RUN above a ceiling', inJail(Buffer.concat([...runRequest(shell('true', { limits: { processes: 65 } }))]))],
  ])('%s', async (_, bytes) => {
    expect(await slot.send(bytes, replyTypes.ERROR, replyTypes.HELLO)).toMatch(/^ERROR (request|write_file)$/);
    expect(await slot.send(Buffer.concat([run, closeRequest()]), replyTypes.CLOSED, replyTypes.HELLO)).toBe('CLOSED');
    await expectSound();
  });

  function twice(): Buffer {
    const bytes = Buffer.concat([run, new FrameWriter().u64(tags.WALL_MS, 5).take()]);
    bytes.writeUInt32LE(bytes.length - 8, 0);
    return bytes;
  }
});

test.each(['/etc/passwd', '../x', 'a/../../x', '', '.', 'a\n/../..'])('COLLECT of %j is refused', async (path) => {
  const answer = await slot.send(
    Buffer.concat([open, collectRequest(path, 100)]),
    replyTypes.REFUSED,
    replyTypes.ERROR,
    replyTypes.FOUND,
  );
  expect(answer).toMatch(/^(REFUSED|ERROR request)$/);
  expect(await slot.send(closeRequest(), replyTypes.CLOSED)).toBe('CLOSED');
});

test('CLOSE and KILL without a job are harmless', async () => {
  const kill = header(0, requestTypes.KILL);
  expect(await slot.send(Buffer.concat([kill, kill, closeRequest()]), replyTypes.CLOSED, replyTypes.HELLO)).toBe(
    'CLOSED',
  );
  await expectSound();
});

test('a frame that is cut off leaves the keeper waiting for its rest, and KILL ends a running command behind it', async () => {
  const bytes = Buffer.concat([open, ...runRequest(shell('sleep 60'))]);
  expect(await slot.send(bytes.subarray(0, bytes.length - 5), replyTypes.OPENED)).toBe('OPENED');
  const rest = Buffer.concat([bytes.subarray(-5), header(0, requestTypes.KILL)]);
  const sent = performance.now();
  expect(await slot.send(rest, replyTypes.EXITED, replyTypes.HELLO)).toBe('EXITED');
  // Its own time limit would end it after ten seconds.
  expect(performance.now() - sent).toBeLessThan(5000);
  expect(await slot.send(closeRequest(), replyTypes.CLOSED)).toBe('CLOSED');
});

test.each([21, 22, 23])('random changes of sound requests never end the jailer (seed %d)', async (seed) => {
  const random = makeRandom(seed);
  const sound = Buffer.concat([open, file('a'), run, collectRequest('a', 10)]);
  for (let round = 0; round < 6; round += 1) {
    const own = await startOwn();
    const bytes = Buffer.from(sound);
    for (let change = 0; change <= random(4); change += 1) bytes[random(bytes.length)] = random(256);
    // Whatever the keeper makes of it, what follows completes any frame and then is no frame: it ends the keeper that reads it.
    expect(await own.send(Buffer.concat([bytes, Buffer.alloc(140_000, 0xff)]), replyTypes.HELLO)).toBe('HELLO');
    await expectSound(own);
  }
});
