import { type CompleteCodejailLimits, mergePythonObjects } from '@bullpen/client';
import type { Logger } from 'pino';
import { checkPayload, type Payload } from './check-payload.ts';
import type { Execute, Executed, Execution } from './execution.ts';
import type { Form } from './form.ts';
import { type FormBounds, readForm } from './read-form.ts';
import { Refusal, type RefusalReason } from './refusal.ts';
import { jsonReply, refusalReply } from './reply.ts';
import type { Safety } from './watch-safety.ts';

export interface CallSettings {
  readonly isEnabled: boolean;
  readonly safety: Safety;
  readonly bounds: FormBounds;
  /** From the receipt of a call to its answer, in milliseconds. */
  readonly budgetMs: number;
  readonly execute: Execute;
  /** The limits that the policy gives a course. */
  readonly limitsOf: (course: string | null) => CompleteCodejailLimits;
  readonly logger: Logger;
}

/** What the gateway knows of who calls. */
export type Sender = Pick<Execution, 'caller' | 'place'>;

/** The only file that a call may bring, and the only entry of its python_path. */
const library = 'python_lib.zip';

/** What the log says of one call. */
interface CallFacts {
  status: RefusalReason | 'executed.success' | 'executed.error' | 'client.gone';
  slug?: string | null;
  course?: string | null;
  limits?: CompleteCodejailLimits;
  pythonPathLength?: number;
  filesCount?: number;
  err?: Error;
}

/** Answers one call of code-exec and writes one line of log about it. */
export async function answerCall(settings: CallSettings, request: Request, sender: Sender = {}): Promise<Response> {
  const startedMs = performance.now();
  const facts: CallFacts = { status: 'fault.internal' };
  try {
    return await executeCall(settings, request, { startedMs, facts, sender });
  } catch (error) {
    const refusal = error instanceof Refusal ? error : internalFault(error);
    facts.status = request.signal.aborted ? 'client.gone' : refusal.facts.reason;
    if (isFault(facts)) facts.err = refusal;
    return refusalReply(refusal);
  } finally {
    if (isFault(facts)) settings.safety.doubt();
    const line = { ...facts, durationMs: Math.round(performance.now() - startedMs) };
    settings.logger[isFault(facts) ? 'error' : 'info'](line, 'code-exec');
  }
}

/** The budget begins here, where the gateway has received the whole body: taking it apart counts, sending it does not. */
async function executeCall(
  settings: CallSettings,
  request: Request,
  { startedMs, facts, sender }: { startedMs: number; facts: CallFacts; sender: Sender },
): Promise<Response> {
  requireService(settings);
  const form = await readForm(request, settings.bounds);
  if (form.payload === null) {
    throw refused('invalid.payload.missing', "Missing 'payload' parameter in POST body");
  }
  const payload = checkPayload(form.payload);
  Object.assign(facts, describeCall(settings, payload, form));
  requireAllowed(payload, form);
  const executed = await settings.execute(
    { ...executionOf(payload, form), ...sender },
    {
      gone: request.signal,
      startedMs,
      budgetMs: settings.budgetMs,
    },
  );
  facts.status = executed.kind === 'globals' ? 'executed.success' : 'executed.error';
  return jsonReply(200, renderExecuted(executed, payload));
}

function requireService({ isEnabled, safety }: CallSettings): void {
  if (!isEnabled) throw unusable('disabled.feature_switch', 'Codejail service not enabled');
  if (!safety.isSafe) throw unusable('disabled.safety_checks_failed', 'Codejail service is not correctly configured');
}

function requireAllowed(payload: Payload, form: Form): void {
  if (payload.pythonPath.some((entry) => entry !== library)) {
    throw refused('invalid.python_path', `Only allowed entry in 'python_path' is '${library}'`);
  }
  if ([...form.files.keys()].some((name) => name !== library)) {
    throw refused('invalid.files', `Only allowed name for uploaded file is '${library}'`);
  }
  if (payload.unsafely) throw refused('invalid.unsafely', 'Refusing codejail execution with unsafely=true');
}

function executionOf(payload: Payload, { files }: Form): Execution {
  const { codeJson, globalsJson, pythonPath, context, slug } = payload;
  return { codeJson, globalsJson, pythonPath, files, context, slug };
}

/** Values pass as the texts that they are. As in codejail, what the code left updates what was sent; code that failed changes nothing. */
function renderExecuted(executed: Executed, { globalsJson }: Payload): string {
  if (executed.kind === 'globals') return `{"globals_dict":${mergePythonObjects(globalsJson, executed.globalsJson)}}`;
  return `{"globals_dict":${globalsJson},"emsg":${JSON.stringify(executed.message)}}`;
}

/** Names are a caller's, of any length. */
const shownCharacters = 256;

function describeCall({ limitsOf }: CallSettings, payload: Payload, form: Form): Omit<CallFacts, 'status'> {
  return {
    slug: payload.slug?.slice(0, shownCharacters) ?? null,
    course: payload.context?.slice(0, shownCharacters) ?? null,
    limits: limitsOf(payload.context),
    pythonPathLength: payload.pythonPath.length,
    filesCount: form.files.size,
  };
}

/** Whether the call failed for another reason than what was sent. */
function isFault({ status }: CallFacts): boolean {
  return status.startsWith('fault.');
}

function refused(reason: RefusalReason, sentence: string): Refusal {
  return new Refusal({ status: 400, reason }, sentence);
}

function unusable(reason: RefusalReason, sentence: string): Refusal {
  return new Refusal({ status: 500, reason }, sentence);
}

function internalFault(cause: unknown): Refusal {
  const facts = { status: 500, reason: 'fault.internal' } as const;
  return new Refusal(facts, 'The gateway failed unexpectedly: its log says more.', { cause });
}
