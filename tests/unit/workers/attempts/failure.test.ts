import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { asFailure, reasonOf } from '../../../../src/workers/attempts/failure.ts';

describe('asFailure', () => {
  it('keeps an error as it is', () => {
    const error = new TypeError('thrown');
    assert.equal(asFailure(error), error);
    assert.equal(reasonOf(asFailure(error)), 'error');
  });

  it('makes an error that is not to be retried one that ends the task', () => {
    const failure = asFailure(Object.assign(new Error('no use'), { retryable: false }));
    assert.equal(failure.name, 'UnrecoverableError');
    assert.equal(failure.message, 'no use');
    assert.equal(reasonOf(failure), 'not_retryable');
  });

  it('shows whatever else was thrown, also what fails to show itself', () => {
    assert.equal(asFailure(undefined).message, 'The handler threw undefined.');
    assert.equal(asFailure({ code: 7 }).message, 'The handler threw { code: 7 }.');
    const mute = {
      [inspect.custom]: () => {
        throw new Error('not to be shown');
      },
    };
    assert.equal(asFailure(mute).message, 'The handler threw a value of type object.');
  });
});
