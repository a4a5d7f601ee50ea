export type { ConnectionTarget } from './connection.ts';
export {
  type Client,
  type ClientOptions,
  createClient,
  type JobToSubmit,
  type SubmitOptions,
} from './create-client.ts';
export type { JobHandle, JobStatus } from './job-handle.ts';
export type { Backlog } from './queue-line.ts';
