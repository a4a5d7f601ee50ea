import { expect, test } from 'vitest';
import { renderMetrics } from '../../src/health/render-metrics.ts';
import { createWorkerMetrics } from '../../src/health/worker-metrics.ts';

test('names, labels and values are written as the exposition format asks', () => {
  const text = renderMetrics([
    { name: 'a_total', help: 'One\\two\nlines.', type: 'counter', samples: [{ value: 3 }] },
    {
      name: 'b',
      help: 'B.',
      type: 'gauge',
      samples: [{ labels: { probe: 'the "host\'s"\n\\files', slot: '1' }, value: 0.5 }],
    },
    { name: 'c', help: 'Nothing yet.', type: 'gauge', samples: [] },
  ]);
  expect(text).toBe(
    [
      '# HELP a_total One\\\\two\\nlines.',
      '# TYPE a_total counter',
      'a_total 3',
      '# HELP b B.',
      '# TYPE b gauge',
      'b{probe="the \\"host\'s\\"\\n\\\\files",slot="1"} 0.5',
      '# HELP c Nothing yet.',
      '# TYPE c gauge',
      '',
    ].join('\n'),
  );
});

test('a worker counts jobs, rounds, slots and the probes that fail', () => {
  const metrics = createWorkerMetrics();
  const slots = { free: 1, busy: 2, quarantined: 0 };
  metrics.watchSlots(slots);
  metrics.countJob('exited');
  metrics.countJob('exited');
  metrics.countJob('slot-lost');
  metrics.countRound('failed');
  metrics.setFailing(["the host's files cannot be read"]);
  slots.busy = 1;
  const lines = renderMetrics(metrics.collect(true)).split('\n');
  for (const line of [
    'bullpen_worker_ready 1',
    'bullpen_slots{state="busy"} 1',
    'bullpen_jobs_total{outcome="exited"} 2',
    'bullpen_jobs_total{outcome="slot-lost"} 1',
    'bullpen_jobs_total{outcome="confinement-refused"} 0',
    'bullpen_probe_rounds_total{outcome="failed"} 1',
    'bullpen_probe_failed{probe="the host\'s files cannot be read"} 1',
  ]) {
    expect(lines).toContain(line);
  }
  metrics.setFailing([]);
  expect(renderMetrics(metrics.collect(false))).toContain(
    'bullpen_probe_failed{probe="the host\'s files cannot be read"} 0\n',
  );
});
