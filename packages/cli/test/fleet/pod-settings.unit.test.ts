import { expect, it } from 'vitest';
import { podSettings } from '../../src/fleet/pod-settings.ts';

it('tells a worker that it is in a pod, and nothing else of it', () => {
  const pod = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_PORT: 'tcp://10.0.0.1:443' };
  expect(podSettings(pod)).toEqual({ KUBERNETES_SERVICE_HOST: '10.0.0.1' });
  expect(podSettings({ HOME: '/root' })).toEqual({});
});
