import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeFailure, waitUntilReady } from '../../../../src/local-stack/servers/server.ts';

const signal = new AbortController().signal;
const ignore = () => undefined;

test('repeats the check until the server is ready, also after an error of the check', async () => {
  const answers = ['starting', new Error('refused'), undefined];
  const check = async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  await waitUntilReady({ name: 'redis', check, readyLimitMs: 5_000 }, signal, ignore);
  assert.deepEqual(answers, []);
});

test('gives up at the limit and says the last reason', async () => {
  await assert.rejects(
    waitUntilReady({ name: 'redis', check: async () => 'loading', readyLimitMs: 60 }, signal, ignore),
    { code: 'ASDLC_NOT_READY', message: 'redis was not ready within 0.06 s: loading' },
  );
});

test('throws the reason of its signal as soon as the signal aborts', async () => {
  const end = new AbortController();
  const check = async () => {
    end.abort(new Error('redis died'));
    return 'refused';
  };
  const server = { name: 'redis', check, readyLimitMs: 5_000 };
  await assert.rejects(waitUntilReady(server, end.signal, ignore), /redis died/);
});

test('shows the cause of an error whose message is only "fetch failed"', () => {
  const cause = Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' });
  assert.equal(describeFailure(new Error('fetch failed', { cause })), 'fetch failed (ECONNREFUSED)');
  assert.equal(describeFailure(new Error('late')), 'late');
  assert.equal(describeFailure('odd'), 'odd');
});
