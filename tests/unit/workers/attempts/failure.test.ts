import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DelayedError, UnrecoverableError, WaitingError } from 'bullmq';
import { asEnd, asFailure, failure, PutOff, TaskLost } from '../../../../src/workers/attempts/failure.ts';

describe('asFailure', () => {
  it('keeps message, name and stack of an error', () => {
    const error = new TypeError('thrown');
    const { reason, isPermanent, message, stack } = asFailure(error);
    assert.deepEqual(
      [reason, isPermanent, message, stack],
      ['error', false, 'TypeError: thrown', error.stack],
    );
  });

  it('makes whatever says `retryable: false` a permanent failure with its own stack', () => {
    const error = Object.assign(new Error('no use'), { retryable: false });
    const { name, reason, message, stack } = asFailure(error);
    assert.deepEqual(
      [name, reason, message, stack],
      ['UnrecoverableError', 'not_retryable', 'no use', error.stack],
    );
    assert.ok(asFailure({ retryable: false }).isPermanent);
    assert.ok(!asFailure({ retryable: 0 }).isPermanent);
  });

  it('passes a failure of our own through', () => {
    const own = failure('timeout', 'late');
    assert.equal(asFailure(own), own);
  });
});

describe('asEnd', () => {
  it('passes the errors through that asdlc makes for BullMQ, and no others', () => {
    for (const error of [new PutOff(), new TaskLost(), failure('error', 'x')])
      assert.equal(asEnd(error), error);
    for (const error of [new DelayedError(), new WaitingError()])
      assert.equal(asEnd(error).name, 'AttemptFailure');
  });

  it('keeps a task dead that BullMQ gives up', () => {
    assert.equal(asEnd(new UnrecoverableError('stalled too often')).name, 'UnrecoverableError');
  });
});
