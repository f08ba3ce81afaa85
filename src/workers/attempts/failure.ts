import { inspect } from 'node:util';
import { UnrecoverableError, WaitingError } from 'bullmq';

/** Why an attempt failed, as label value. */
export type FailureReason =
  | 'error'
  | 'timeout'
  | 'not_retryable'
  | 'unknown_type'
  | 'invalid_payload'
  | 'stalled';

const reasons = new WeakMap<Error, FailureReason>();

/** Returns an error after which the task is dead at once. */
export function permanentFailure(reason: FailureReason, message: string): UnrecoverableError {
  const error = new UnrecoverableError(message);
  reasons.set(error, reason);
  return error;
}

/** Returns an error after which the task is tried again while it has attempts. */
export function failure(reason: FailureReason, message: string): Error {
  const error = new Error(message);
  reasons.set(error, reason);
  return error;
}

/** Ends an attempt whose task another worker has taken. BullMQ does nothing to the task after a WaitingError. */
export class TaskLost extends WaitingError {
  constructor() {
    super('Another worker has taken the task: this worker did not renew its lock in time.');
  }
}

/** Returns what a handler threw as an Error. BullMQ leaves a task active for ever that failed with undefined. */
export function asFailure(thrown: unknown): Error {
  const error = thrown instanceof Error ? thrown : new Error(`The handler threw ${shown(thrown)}.`);
  const isPermanent = 'retryable' in error && error.retryable === false;
  return isPermanent ? permanentFailure('not_retryable', error.message) : error;
}

function shown(thrown: unknown): string {
  try {
    return inspect(thrown, { depth: 1 });
  } catch {
    return `a value of type ${typeof thrown}`; // its own inspect function threw
  }
}

export function reasonOf(error: Error): FailureReason {
  return reasons.get(error) ?? 'error';
}
