import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { asFailure, reasonOf } from '../../../../src/workers/attempts/failure.ts';

describe('asFailure', () => {
  it('returns an error unchanged', () => {
    const error = new TypeError('thrown');
    assert.equal(asFailure(error), error);
    assert.equal(reasonOf(asFailure(error)), 'error');
  });

  it('makes an error with `retryable: false` a permanent failure', () => {
    const failure = asFailure(Object.assign(new Error('no use'), { retryable: false }));
    assert.equal(failure.name, 'UnrecoverableError');
    assert.equal(failure.message, 'no use');
    assert.equal(reasonOf(failure), 'not_retryable');
  });

  it('describes any other thrown value, even one whose inspect function throws', () => {
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
