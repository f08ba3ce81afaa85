import { DelayedError, UnrecoverableError, WaitingError } from 'bullmq';
import { CANCELLED } from '../../shared/queue/bullmq-fields.ts';
import { describeThrown, PlainError, read, type Thrown } from '../../shared/thrown.ts';
import { INVALID_PAYLOAD } from '../handler.ts';

/*
 * BullMQ takes commands from what is thrown: it compares classes, names and messages. So nothing that a handler throws
 * reaches it. `asFailure` turns that into a failure once, and only the errors of this file tell BullMQ what to do.
 */

/** Why an attempt failed, as label value. */
export type FailureReason =
  | 'error'
  | 'timeout'
  | 'not_retryable'
  | 'unknown_type'
  | 'invalid_payload'
  | 'unreadable'
  | 'stalled'
  | 'child_dead'
  | 'cancelled';

/** Ends an attempt. Its texts are plain. */
export class AttemptFailure extends PlainError {
  readonly #thrown: Thrown;
  readonly reason: FailureReason;
  readonly isPermanent: boolean;
  /** BullMQ tries a task again unless its error has this name. */
  override readonly name: 'AttemptFailure' | 'UnrecoverableError';

  constructor(thrown: Thrown, reason: FailureReason, isPermanent: boolean) {
    super(thrown);
    this.#thrown = thrown;
    this.reason = reason;
    this.isPermanent = isPermanent;
    this.name = isPermanent ? 'UnrecoverableError' : 'AttemptFailure';
  }

  /** Asks for a private field, so no code of the value runs. */
  static is(value: unknown): value is AttemptFailure {
    return typeof value === 'object' && value !== null && #thrown in value;
  }

  get thrown(): Thrown {
    return this.#thrown;
  }
}

/** The task was put off: BullMQ does nothing to it. */
export class PutOff extends DelayedError {}

/** The task went back to the queue, or will be taken back from this worker: BullMQ does nothing to it. */
export class PutBack extends WaitingError {}

/** Ends an attempt whose task another worker has taken. */
export class TaskLost extends PutBack {
  constructor() {
    super('Another worker has taken the task: this worker did not renew its lock in time.');
  }
}

/** Returns an error after which the task is dead at once. */
export function permanentFailure(reason: FailureReason, message: string): AttemptFailure {
  return new AttemptFailure(own(message), reason, true);
}

/** Returns an error after which the task is tried again while it has attempts. */
export function failure(reason: FailureReason, message: string): AttemptFailure {
  return new AttemptFailure(own(message), reason, false);
}

/** Ends an attempt whose task somebody cancelled. */
export function cancelled(): AttemptFailure {
  return permanentFailure('cancelled', CANCELLED);
}

function own(message: string): Thrown {
  return { name: 'Error', message, stack: message };
}

/** Returns whatever a handler threw as a failure, permanent when it says `retryable: false`. */
export function asFailure(thrown: unknown): AttemptFailure {
  if (AttemptFailure.is(thrown)) return thrown;
  const isPermanent = read(thrown, 'retryable') === false;
  return new AttemptFailure(
    describeThrown(thrown, 'The handler'),
    reasonOf(thrown, isPermanent),
    isPermanent,
  );
}

function reasonOf(thrown: unknown, isPermanent: boolean): FailureReason {
  if (!isPermanent) return 'error';
  return read(thrown, INVALID_PAYLOAD) === true ? 'invalid_payload' : 'not_retryable';
}

/**
 * Returns what the worker may hand to BullMQ as the end of a job. All but the errors of this file comes from BullMQ and
 * ioredis themselves.
 */
export function asEnd(error: Error): AttemptFailure | PutOff | PutBack {
  if (error instanceof AttemptFailure || error instanceof PutOff || error instanceof PutBack) return error;
  return new AttemptFailure(describeThrown(error), 'error', error instanceof UnrecoverableError);
}
