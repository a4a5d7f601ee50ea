import { expect, test } from 'vitest';
import { onThisRung } from '../support/rung.ts';
import type { TestWorker } from '../support/worker.ts';
import { useWorkerStarter } from '../support/worker-starter.ts';

const { start } = useWorkerStarter();

const modeOf = (worker: TestWorker): unknown => worker.log.find(({ msg }) => msg === 'how jails are made')?.['mode'];

test('a worker makes the jails that it is told to', async () => {
  expect(modeOf(await start())).toBe(
    onThisRung({ namespaces: 'root', userns: 'userns', classic: 'classic', restricted: 'restricted' }),
  );
});

test('left to itself it takes the highest rung that its privileges allow', async () => {
  // This host lets ordinary users make user namespaces.
  expect(modeOf(await start({ BULLPEN_JAIL: 'auto', BULLPEN_FLOOR: '' }))).toBe(
    onThisRung({ namespaces: 'root', userns: 'userns', classic: 'classic', restricted: 'userns' }),
  );
});
