import assert from 'node:assert/strict';
import { describe, it, mock, type TestContext } from 'node:test';
import { ApiError, errorOf } from '../../../dashboard/src/api/api-error.ts';
import { createPoller, type Poller, type PollerOptions } from '../../../dashboard/src/api/poller.ts';

interface Question {
  readonly signal: AbortSignal;
  readonly answer: (data: string[]) => Promise<void>;
  readonly fail: (error: Error) => Promise<void>;
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A poller whose requests the test answers, on a clock and a tab that it moves. */
function start(t: TestContext, options: Partial<PollerOptions<string[]>> = {}) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const questions: Question[] = [];
  let isHidden = false;
  let changed = () => {};
  const poller: Poller<string[]> = createPoller<string[]>({
    load: (signal) =>
      new Promise((resolve, reject) => {
        questions.push({
          signal,
          answer: (data) => {
            resolve(data);
            return settled();
          },
          fail: (error) => {
            reject(error);
            return settled();
          },
        });
      }),
    isEmpty: (data) => data.length === 0,
    intervalMs: () => 5_000,
    visibility: {
      isHidden: () => isHidden,
      onChange: (callback) => {
        changed = callback;
        return mock.fn();
      },
    },
    ...options,
  });
  t.after(() => poller.stop());
  const last = () => questions.at(-1) as Question; // at least one was asked
  const hide = (hidden: boolean) => {
    isHidden = hidden;
    changed();
  };
  return { poller, questions, last, hide, tick: (ms: number) => t.mock.timers.tick(ms) };
}

describe('createPoller', () => {
  it('is loading until the first answer, then ok or empty', async (t) => {
    const { poller, last } = start(t);
    assert.equal(poller.state.value.status, 'loading');
    await last().answer(['a']);
    assert.equal(poller.state.value.status, 'ok');
    poller.refresh();
    await last().answer([]);
    assert.equal(poller.state.value.status, 'empty');
  });

  it('is an error without data, and stale with the last data and the reason', async (t) => {
    const { poller, last } = start(t);
    await last().fail(new ApiError('down', 503, 'unavailable'));
    assert.equal(poller.state.value.status, 'error');
    poller.refresh();
    await last().answer(['a']);
    poller.refresh();
    await last().fail(new ApiError('down', 503, 'unavailable'));
    const { status, data, error } = poller.state.value;
    assert.deepEqual([status, data, error?.reason], ['stale', ['a'], 'down']);
  });

  it('never asks while a request is under way, however slow', async (t) => {
    const { questions, last, tick } = start(t);
    tick(60_000);
    assert.equal(questions.length, 1);
    await last().answer([]);
    tick(4_999);
    assert.equal(questions.length, 1);
    tick(1);
    assert.equal(questions.length, 2);
  });

  it('is stale while an answer is overdue, and ok when it comes', async (t) => {
    const { poller, last, tick } = start(t);
    await last().answer(['a']);
    tick(5_000);
    tick(9_999);
    assert.equal(poller.state.value.status, 'ok');
    tick(1);
    assert.deepEqual([poller.state.value.status, poller.state.value.error?.code], ['stale', 'late']);
    await last().answer(['b']);
    assert.deepEqual([poller.state.value.status, poller.state.value.data], ['ok', ['b']]);
  });

  it('is an error while the first answer is overdue, and ok when it comes', async (t) => {
    const { poller, last, tick } = start(t);
    tick(10_000);
    const { status, error, isBusy } = poller.state.value;
    assert.deepEqual([status, error?.reason, isBusy], ['error', 'No answer for 10 s.', true]);
    await last().answer(['a']);
    assert.deepEqual([poller.state.value.status, poller.state.value.error], ['ok', undefined]);
  });

  it('abandons a request that is overdue when it is told to ask', async (t) => {
    const { poller, questions, tick } = start(t);
    poller.refresh();
    assert.equal(questions.length, 1);
    tick(10_000);
    poller.refresh();
    assert.deepEqual(
      questions.map(({ signal }) => signal.aborted),
      [true, false],
    );
  });

  it('begins with what another poller knows of the same', async (t) => {
    const error = new ApiError('down', 503, 'unavailable');
    const stale = {
      status: 'stale',
      data: ['a'],
      error,
      updatedAt: 1,
      isBusy: false,
      isPending: false,
    } as const;
    const { poller, last } = start(t, { initial: { ...stale, data: ['a'] } });
    assert.deepEqual([poller.state.value.status, poller.state.value.data], ['stale', ['a']]);
    await last().answer(['b']);
    assert.deepEqual([poller.state.value.status, poller.state.value.data], ['ok', ['b']]);
  });

  it('asks nothing while the tab is hidden, and at once when it is seen again', async (t) => {
    const { questions, last, hide, tick } = start(t);
    await last().answer([]);
    hide(true);
    tick(60_000);
    assert.equal(questions.length, 1);
    hide(false);
    tick(0);
    assert.equal(questions.length, 2);
  });

  it('asks only when told while auto-refresh is off', async (t) => {
    const { poller, questions, last, tick } = start(t, { intervalMs: () => null });
    await last().answer([]);
    tick(600_000);
    assert.equal(questions.length, 1);
    poller.refresh();
    assert.equal(questions.length, 2);
  });

  it('waits as long as the server asks', async (t) => {
    const { questions, last, tick } = start(t);
    await last().fail(new ApiError('busy', 503, 'unavailable', 20));
    tick(19_999);
    assert.equal(questions.length, 1);
    tick(1);
    assert.equal(questions.length, 2);
  });

  it('abandons the old question for another, and drops its data when that fails', async (t) => {
    const { poller, questions, last } = start(t);
    await last().answer(['old']);
    poller.refresh();
    poller.restart();
    assert.equal(questions[1]?.signal.aborted, true);
    assert.deepEqual(poller.state.value.data, ['old']);
    await last().fail(new ApiError('down', 503, 'unavailable'));
    assert.deepEqual([poller.state.value.status, poller.state.value.data], ['error', undefined]);
  });

  it('says that its data answer another question until the new one is answered', async (t) => {
    const { poller, last } = start(t);
    await last().answer(['old']);
    assert.equal(poller.state.value.isPending, false);
    poller.restart();
    assert.deepEqual([poller.state.value.isPending, poller.state.value.data], [true, ['old']]);
    await last().answer(['new']);
    assert.deepEqual([poller.state.value.isPending, poller.state.value.data], [false, ['new']]);
  });

  it('drops data that answer another question when the new one is overdue', async (t) => {
    const { poller, last, tick } = start(t);
    await last().answer(['old']);
    poller.restart();
    tick(10_000);
    const { status, data, error, isPending } = poller.state.value;
    assert.deepEqual([status, data, error?.code, isPending], ['error', undefined, 'late', false]);
  });

  it('ignores an answer that comes after it was stopped', async (t) => {
    const { poller, last } = start(t);
    poller.stop();
    assert.equal(last().signal.aborted, true);
    await last().answer(['late']);
    assert.equal(poller.state.value.status, 'loading');
  });
});

describe('errorOf', () => {
  it('reads both shapes of the API’s errors', () => {
    const own = errorOf(503, { code: 'ASDLC_REDIS_UNAVAILABLE', message: 'no Redis' }, '2');
    assert.deepEqual(
      [own.reason, own.code, own.retryAfterSeconds],
      ['no Redis', 'ASDLC_REDIS_UNAVAILABLE', 2],
    );
    const query = errorOf(400, { status: 'error', errorType: 'bad_data', error: 'range: …' }, null);
    assert.deepEqual(
      [query.reason, query.code, query.retryAfterSeconds],
      ['range: …', 'bad_data', undefined],
    );
  });

  it('says the status where there is no body', () => {
    assert.equal(errorOf(502, undefined, null).reason, 'HTTP status 502');
  });
});
