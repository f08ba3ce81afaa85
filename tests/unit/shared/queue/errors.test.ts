import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReplyError } from 'ioredis';
import {
  isConnectionLoss,
  isRefusal,
  REFUSAL_CODES,
  refusalCode,
} from '../../../../src/shared/queue/errors.ts';

const reply = (message: string): Error => new ReplyError(message);

describe('isRefusal', () => {
  it('has these codes', () => {
    assert.deepEqual(
      REFUSAL_CODES.toSorted().join(' '),
      'ASK BUSY CLUSTERDOWN DENIED EXECABORT LOADING MASTERDOWN MISCONF MOVED NOAUTH NOPERM NOREPLICAS OOM READONLY ' +
        'TRYAGAIN UNBLOCKED WRONGPASS WRONGTYPE',
    );
  });

  for (const code of REFUSAL_CODES) {
    it(`is true for ${code}, as a command's reply and within a script's error`, () => {
      assert.equal(isRefusal(reply(`${code} not now`)), true);
      assert.equal(isRefusal(reply(`ERR Error running script: @user_script:1: ${code} not now`)), true);
    });
  }

  it('is false for replies to a wrong command, and for codes that only begin alike', () => {
    for (const message of ['ERR syntax error', 'WRONGTYPES not a list', 'BUSYGROUP exists'])
      assert.equal(isRefusal(reply(message)), false, message);
  });

  it('is true for refusals without a code, and for what a Cluster refused until ioredis gave up', () => {
    for (const message of [
      'ERR max number of clients reached',
      'ERR DB index is out of range',
      "ERR The user executing the script can't run this command or subcommand script: f0be, on @user_script:2.",
      "ERR ACL failure in script: User a has no permissions to run the 'hset' command",
    ])
      assert.equal(isRefusal(reply(message)), true, message);
    const gaveUp = 'Too many Cluster redirections. Last error: ReplyError: CLUSTERDOWN The cluster is down';
    assert.equal(isRefusal(new Error(gaveUp)), true);
  });

  it('is false for an error that Redis did not send', () => {
    assert.equal(isRefusal(new Error('LOADING the file failed')), false);
  });
});

describe('isConnectionLoss', () => {
  it('is true for the errors of ioredis that tell of no reply', () => {
    for (const message of [
      'Connection is closed.',
      'Command timed out',
      'Command aborted due to connection close',
      "Stream isn't writeable and enableOfflineQueue options is false",
      'Reached the max retries per request limit (which is 0).',
      "Cluster isn't ready and enableOfflineQueue options is false",
      'Failed to refresh slots cache.',
      'None of startup nodes is available',
      'Too many Cluster redirections. Last error: Error: Connection is closed.',
      'connect ECONNREFUSED 127.0.0.1:6379',
      'read ECONNRESET',
    ])
      assert.equal(isConnectionLoss(new Error(message)), true, message);
  });

  it('is false for replies and for errors of a program', () => {
    assert.equal(isConnectionLoss(reply('ERR closed')), false);
    assert.equal(isConnectionLoss(new TypeError('x is not a function')), false);
  });
});

describe('refusalCode', () => {
  it('is the same for all refusals with one reason', () => {
    assert.equal(refusalCode(reply('OOM a')), refusalCode(reply('ERR @user_script:1: OOM b')));
    const [one, other] = ['a', 'b'].map((sha) =>
      reply(`ERR The user executing the script can't run it: ${sha}`),
    );
    assert.equal(refusalCode(one as Error), refusalCode(other as Error));
    assert.notEqual(refusalCode(reply('OOM a')), refusalCode(reply('READONLY b')));
  });
});
