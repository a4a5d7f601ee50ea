export type { ConnectionTarget } from './connection.ts';
export { type Client, type ClientOptions, createClient, type JobToSubmit } from './create-client.ts';
export type { JobHandle } from './job-handle.ts';
