import type { Gate } from './health/gate.ts';
import type { QueueDoor } from './queue-door.ts';

export interface FollowGateParts {
  readonly gate: Pick<Gate, 'isOpen' | 'isSound' | 'listen'>;
  readonly door: Pick<QueueDoor, 'start' | 'pause' | 'resume'>;
  /** False once the worker drains or has failed: then it takes no jobs whatever the gate does. */
  mayTake(): boolean;
  /** Gives back the jobs that run, when something is said against them. */
  giveBack(): void;
  onError(error: unknown): void;
}

/** Takes jobs from now on while the gate is open, for the first time when it opens first. */
export function followGate({ gate, door, mayTake, giveBack, onError }: FollowGateParts): void {
  let isStarted = false;
  function take(): void {
    if (!mayTake()) return;
    if (isStarted) door.resume();
    else door.start();
    isStarted = true;
  }
  gate.listen((isOpen) => {
    if (isOpen) {
      take();
      return;
    }
    if (isStarted) door.pause().catch(onError);
    if (!gate.isSound) giveBack();
  });
  if (gate.isOpen) take();
}
