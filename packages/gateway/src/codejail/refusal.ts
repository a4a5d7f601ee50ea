/** Why a call was not executed, for the log: codejail-service's own words where it has one, then ours. */
export type RefusalReason =
  | 'disabled.feature_switch'
  | 'disabled.safety_checks_failed'
  | 'invalid.media_type'
  | 'invalid.form'
  | 'invalid.size'
  | 'invalid.payload.missing'
  | 'invalid.payload.bad_json'
  | 'invalid.payload.schema_mismatch'
  | 'invalid.python_path'
  | 'invalid.files'
  | 'invalid.unsafely'
  | 'refused.backlog'
  | 'refused.key'
  | 'refused.too_long'
  | 'fault.deadline'
  | 'fault.unavailable'
  | 'fault.internal';

interface RefusalFacts {
  readonly status: number;
  readonly reason: RefusalReason;
  /** The key that holds the sentence: `detail` where Django REST framework itself would answer. */
  readonly key?: 'error' | 'detail';
  /** Seconds after which calling again may help; sent as Retry-After. */
  readonly retryAfter?: number;
}

/** A call that is answered without an execution's result: thrown by whichever check finds it, turned into a reply in one place. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly facts: RefusalFacts;

  constructor(facts: RefusalFacts, sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.facts = facts;
  }
}
