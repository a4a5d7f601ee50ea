import { describe, expect, it } from 'vitest';
import { describeFailure } from '../src/explain-failure.ts';

const failed = (code: string, message: string) => Object.assign(new Error(message), { code });

describe('a failure in one sentence', () => {
  it('says where room may be missing when a filesystem is full', () => {
    expect(describeFailure(failed('ENOSPC', 'ENOSPC: no space left on device, write')).message).toMatch(
      /^There is no room for a file \(ENOSPC\): free some where the file is, which may be TMPDIR, XDG_RUNTIME_DIR or the folder of --keys\.$/,
    );
  });

  it('is the message of any other error', () => {
    expect(describeFailure(failed('EOTHER', 'Another sentence.'))).toEqual({
      code: 'internal',
      message: 'Another sentence.',
    });
    expect(describeFailure('text')).toEqual({ code: 'internal', message: 'text' });
  });
});
