import type { TestWorker, WorkerLogLine } from '../../../../tests/support/worker.ts';

/** The first line of a worker's log with this message. */
export function lineOf(worker: TestWorker, msg: string): WorkerLogLine | undefined {
  return worker.log.find((line) => line.msg === msg);
}

/** What a worker's health endpoint answers; the worker has BULLPEN_HEALTH_PORT. */
export async function askHealth(worker: TestWorker, path = '/health/'): Promise<{ status: number; text: string }> {
  const port = lineOf(worker, 'health endpoint listens')?.['port'];
  const response = await fetch(`http://127.0.0.1:${String(port)}${path}`);
  return { status: response.status, text: await response.text() };
}

/** Status and first line of the answer. */
export async function healthOf(worker: TestWorker, path?: string): Promise<string> {
  const { status, text } = await askHealth(worker, path);
  return `${status} ${text.split('\n')[0]}`;
}
