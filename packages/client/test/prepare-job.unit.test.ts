import { createCatalog } from '@bullpen/profiles';
import { describe, expect, test } from 'vitest';
import { prepareJob, prepareNth } from '../src/prepare-job.ts';

const catalog = createCatalog();
const job = { profile: 'bash', commands: [{ argv: ['true'] }] };

describe('preparing a job', () => {
  test('fills an id, a time and the queue’s options', () => {
    const { entry, bytes } = prepareJob({ ...job, attempts: 5 }, catalog);
    expect(entry).toMatchObject({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), attempts: 5 });
    expect(entry.message).toMatchObject({ v: 1, job: { profile: 'bash' }, submittedAt: entry.submittedAtMs });
    expect(bytes).toBe(JSON.stringify(entry.message).length);
  });

  test('counts texts as JSON writes them, and base64', () => {
    const contents = ['é"\n\0', { base64: '' }, { base64: '//79' }, '', { base64: 'AAAA'.repeat(1000) }];
    const files = contents.map((content, index) => ({ path: `f${index}`, content }));
    const { entry, bytes } = prepareJob({ ...job, files }, catalog);
    expect(bytes).toBe(Buffer.byteLength(JSON.stringify(entry.message)));
  });

  test('keeps the producer’s id', () => {
    expect(prepareJob({ ...job, id: 'mine' }, catalog).entry.id).toBe('mine');
  });

  test.each([
    ['invalid-job', { ...job, commands: [] }],
    ['unknown-profile', { ...job, profile: 'cobol' }],
    ['limit-above-ceiling', { ...job, limits: { openFiles: 65_536 } }],
  ])('refuses with %s what a worker would refuse', (code, bad) => {
    expect(() => prepareJob(bad, catalog)).toThrow(expect.objectContaining({ name: 'BullpenError', code }));
  });

  test('says which job of a stream was refused', () => {
    expect(() => prepareNth({ ...job, id: 'x7', profile: 'cobol' }, catalog, 7)).toThrow(
      /^job 7 of the stream \(id x7\): profile must be/,
    );
  });

  test('bounds the message as it travels, escapes included', () => {
    const content = '\u0001'.repeat(12_000_000);
    expect(() => prepareJob({ ...job, files: [{ path: 'a', content }] }, catalog)).toThrow(
      /the job must have at most|files take/,
    );
  });
});
