import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReplyError } from 'ioredis';
import { isRefusal, REFUSAL_CODES } from '../../../../src/shared/queue/errors.ts';

const reply = (message: string): Error => new ReplyError(message);

describe('isRefusal', () => {
  it('has these codes', () => {
    assert.deepEqual(
      REFUSAL_CODES.toSorted(),
      'BUSY CLUSTERDOWN LOADING MASTERDOWN MISCONF NOREPLICAS OOM READONLY TRYAGAIN'.split(' '),
    );
  });

  for (const code of REFUSAL_CODES) {
    it(`is true for ${code}, as a command's reply and within a script's error`, () => {
      assert.equal(isRefusal(reply(`${code} not now`)), true);
      assert.equal(isRefusal(reply(`ERR Error running script: @user_script:1: ${code} not now`)), true);
    });
  }

  it('is false for replies to a wrong command, and for codes that only begin alike', () => {
    for (const message of ['ERR syntax error', 'WRONGTYPE not a list', 'NOAUTH', 'BUSYGROUP exists'])
      assert.equal(isRefusal(reply(message)), false, message);
  });

  it('is false for an error that Redis did not send', () => {
    assert.equal(isRefusal(new Error('LOADING the file failed')), false);
  });
});
