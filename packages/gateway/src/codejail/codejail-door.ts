import { defaultPolicy, type Policy, policyLimits, safeExecCommand } from '@bullpen/client';
import type { Catalog, Profile } from '@bullpen/profiles';
import type { Hono } from 'hono';
import type { Logger } from 'pino';
import type { DoorContext } from '../door-context.ts';
import type { GatewayEnvironment } from '../http/environment.ts';
import { openAdmission } from './admission.ts';
import { executeOnFleet } from './execute-on-fleet.ts';
import { openIntake } from './intake.ts';
import type { FormBounds } from './read-form.ts';
import { contextsBeyond, requirePolicyFits } from './require-policy-fits.ts';
import { codejailRoutes } from './routes.ts';
import { type Safety, watchSafety } from './watch-safety.ts';

export interface CodejailDoorOptions {
  /** False answers every call with 500, as the original does without its feature switch; true unless said. */
  readonly isEnabled?: boolean;
  /** Limits by course, and the profile that runs the code; codejail's defaults unless said. */
  readonly policy?: Policy;
  /** How long a call may take from its receipt to its answer, in milliseconds. */
  readonly budgetMs?: number;
  readonly bounds?: Partial<FormBounds>;
  /** Between two rounds of safety checks that passed, and between two while they do not, in milliseconds. */
  readonly checkEveryMs?: number;
  readonly checkRetryMs?: number;
  /** Ends the safety checks. */
  readonly signal?: AbortSignal;
}

/** Below the 3.5 s after which edx gives up. */
export const defaultBudgetMs = 3300;

const mebibyte = 2 ** 20;
/** Code and globals become standard input of one job, and a library one of its files: together they must fit one message of the queue. */
export const defaultFormBounds: FormBounds = {
  bodyBytes: 32 * mebibyte,
  parts: 100,
  payloadBytes: 8 * mebibyte,
  uploadBytes: 31 * mebibyte,
};

/** A safety check may take so many budgets of a call: a fleet that is busy is not one that does not answer. */
const checkPatience = 2;
const backlogHoldsMs = 100;
const intakeBytes = 32 * mebibyte;

/**
 * The door for clients of codejail-service: `POST /api/v0/code-exec` and `GET /health/`. It starts its safety checks at once. Throws a sentence when the
 * policy asks for a profile that is not there, or for more than the profile allows.
 */
export function codejailDoor(context: DoorContext, options: CodejailDoorOptions = {}): Hono<GatewayEnvironment> {
  const { isEnabled = true, policy = defaultPolicy, budgetMs = defaultBudgetMs } = options;
  const { client, catalog } = context;
  const logger = context.logger.child({ door: 'codejail' });
  const profile = requireProfile(catalog, safeExecCommand(policy).profile);
  requirePolicyFits(policy, profile);
  warnOfLateCode(policy, budgetMs, logger);
  const admission = openAdmission({
    readBacklog: () => client.backlog(),
    holdsMs: backlogHoldsMs,
    now: () => performance.now(),
  });
  const execute = executeOnFleet({
    client,
    catalog,
    policy,
    profile,
    admission,
    intake: openIntake(intakeBytes),
  });
  const watched = {
    execute,
    logger,
    everyMs: options.checkEveryMs ?? 300_000,
    retryMs: options.checkRetryMs ?? 3000,
    patienceMs: checkPatience * budgetMs,
    signal: options.signal ?? new AbortController().signal,
  };
  return codejailRoutes({
    isEnabled,
    safety: isEnabled ? watchSafety(watched) : switchedOff,
    bounds: { ...defaultFormBounds, ...options.bounds },
    budgetMs,
    execute,
    limitsOf: (course) => policyLimits(policy, course),
    logger,
  });
}

/** A door that is switched off puts no load on the fleet. */
const switchedOff: Safety = { isSafe: false, isAvailable: false, doubt: () => {} };

function warnOfLateCode(policy: Policy, budgetMs: number, logger: Logger): void {
  const late = contextsBeyond(policy, budgetMs);
  if (late.length === 0) return;
  logger.warn({ budgetMs, late }, 'code of these contexts may run for longer than calls are given: raise the budget');
}

function requireProfile(catalog: Catalog, name: string): Profile {
  const profile = catalog.get(name);
  if (profile !== undefined) return profile;
  throw new Error(`The codejail policy runs code in the profile ${name}, which the gateway does not know.`);
}
