import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeFailure, waitUntilReady } from '../../../src/local-stack/readiness.ts';

const wait = {
  name: 'redis',
  limitMs: 5_000,
  signal: new AbortController().signal,
  onWaiting: () => undefined,
};

test('asks until the check finds nothing amiss; an error of the check is no end', async () => {
  const answers = ['starting', new Error('refused'), undefined];
  await waitUntilReady(async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  }, wait);
  assert.deepEqual(answers, []);
});

test('gives up at the limit, with the last reason', async () => {
  await assert.rejects(
    waitUntilReady(async () => 'loading', { ...wait, limitMs: 60 }),
    { code: 'ASDLC_NOT_READY', message: 'redis was not ready within 0.06 s: loading' },
  );
});

test('ends at once with the reason of its signal', async () => {
  const end = new AbortController();
  const check = async () => {
    end.abort(new Error('redis died'));
    return 'refused';
  };
  await assert.rejects(waitUntilReady(check, { ...wait, signal: end.signal }), /redis died/);
});

test('tells the cause of an error that says only "fetch failed"', () => {
  const cause = Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' });
  assert.equal(describeFailure(new Error('fetch failed', { cause })), 'fetch failed (ECONNREFUSED)');
  assert.equal(describeFailure(new Error('late')), 'late');
  assert.equal(describeFailure('odd'), 'odd');
});
