export type { ConnectionTarget } from './connection.ts';
export { type Client, type ClientOptions, createClient, type SubmitOptions } from './create-client.ts';
export type { JobHandle, JobStatus, WaitOptions } from './job-handle.ts';
export type { JobToSubmit } from './job-to-submit.ts';
export type { OutputItem } from './output/output-item.ts';
export { placeGraceMs, type QuotaAnswer, type QuotaPlace, type QuotaRequest, type Quotas } from './quotas.ts';
export type { Backlog } from './queue-line.ts';
export type { CodejailCalls } from './codejail/codejail-calls.ts';
export type { CodejailCallOptions } from './codejail/codejail-context.ts';
export * from './codejail/codejail-limits.ts';
export { codejailStatus } from './codejail/codejail-status.ts';
export { answerBytes, makeSafeExecJob, type SafeExecRequest } from './codejail/make-safe-exec-job.ts';
export * from './codejail/policy.ts';
export { pythonBytesLiteral } from './codejail/python-bytes-literal.ts';
export {
  codejailMessage,
  readSafeExec,
  type SafeExecAnswer,
  type SafeExecFailure,
  type SafeExecGlobals,
} from './codejail/read-safe-exec.ts';
export type { JailCodeOptions, JailResult } from './codejail/jail-code.ts';
export type { SafeExecOptions, SafeExecResult } from './codejail/safe-exec.ts';
export { type SafeExecEnding, SafeExecException } from './codejail/safe-exec-exception.ts';
export type { ExtraFile, SentFile } from './codejail/sent-files.ts';
export { mergePythonObjects } from './python-json/merge-python-objects.ts';
export { parsePythonJson, type ParsePythonJsonOptions } from './python-json/parse-python-json.ts';
export * from './python-json/python-json.ts';
export { PythonJsonError } from './python-json/python-json-error.ts';
export { type PythonValue, readPythonJson } from './python-json/read-python-json.ts';
export { renderPythonJson } from './python-json/render-python-json.ts';
