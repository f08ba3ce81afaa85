import assert from 'node:assert/strict';
import { describe, it, mock, type TestContext } from 'node:test';
import { ApiError, errorOf } from '../../../../dashboard/src/api/api-error.ts';
import { createPoller, type Poller, type PollerOptions } from '../../../../dashboard/src/api/poller.ts';

interface SentRequest {
  readonly signal: AbortSignal;
  readonly succeed: (data: string[]) => Promise<void>;
  readonly fail: (error: Error) => Promise<void>;
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A poller. The test ends its requests, moves its clock, and hides its tab. */
function start(t: TestContext, options: Partial<PollerOptions<string[]>> = {}) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const requests: SentRequest[] = [];
  let isHidden = false;
  let changed = () => {};
  const poller: Poller<string[]> = createPoller<string[]>({
    load: (signal) =>
      new Promise((resolve, reject) => {
        requests.push({
          signal,
          succeed: (data) => {
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
  const last = () => requests.at(-1) as SentRequest; // there was at least one
  const hide = (hidden: boolean) => {
    isHidden = hidden;
    changed();
  };
  return { poller, requests, last, hide, tick: (ms: number) => t.mock.timers.tick(ms) };
}

describe('createPoller', () => {
  it('is loading until the first response, then ok or empty', async (t) => {
    const { poller, last } = start(t);
    assert.equal(poller.state.value.status, 'loading');
    await last().succeed(['a']);
    assert.equal(poller.state.value.status, 'ok');
    poller.refresh();
    await last().succeed([]);
    assert.equal(poller.state.value.status, 'empty');
  });

  it('after a failure is an error without data, and stale with data', async (t) => {
    const { poller, last } = start(t);
    await last().fail(new ApiError('down', 503, 'unavailable'));
    assert.equal(poller.state.value.status, 'error');
    poller.refresh();
    await last().succeed(['a']);
    poller.refresh();
    await last().fail(new ApiError('down', 503, 'unavailable'));
    const { status, data, error } = poller.state.value;
    assert.deepEqual([status, data, error?.reason], ['stale', ['a'], 'down']);
  });

  it('sends no second request while one runs, however slow', async (t) => {
    const { requests, last, tick } = start(t);
    tick(60_000);
    assert.equal(requests.length, 1);
    await last().succeed([]);
    tick(4_999);
    assert.equal(requests.length, 1);
    tick(1);
    assert.equal(requests.length, 2);
  });

  it('is stale while a response is late, and ok when it comes', async (t) => {
    const { poller, last, tick } = start(t);
    await last().succeed(['a']);
    tick(5_000);
    tick(9_999);
    assert.equal(poller.state.value.status, 'ok');
    tick(1);
    assert.deepEqual([poller.state.value.status, poller.state.value.error?.code], ['stale', 'late']);
    await last().succeed(['b']);
    assert.deepEqual([poller.state.value.status, poller.state.value.data], ['ok', ['b']]);
  });

  it('is an error while the first response is late, and ok when it comes', async (t) => {
    const { poller, last, tick } = start(t);
    tick(10_000);
    const { status, error, isBusy } = poller.state.value;
    assert.deepEqual([status, error?.reason, isBusy], ['error', 'No response for 10 s.', true]);
    await last().succeed(['a']);
    assert.deepEqual([poller.state.value.status, poller.state.value.error], ['ok', undefined]);
  });

  it('aborts a late request at a refresh', async (t) => {
    const { poller, requests, tick } = start(t);
    poller.refresh();
    assert.equal(requests.length, 1);
    tick(10_000);
    poller.refresh();
    assert.deepEqual(
      requests.map(({ signal }) => signal.aborted),
      [true, false],
    );
  });

  it('sends one more request at once after the one that ran at a refresh: its answer may be older', async (t) => {
    const { poller, requests, last, tick } = start(t, { intervalMs: () => null });
    poller.refresh();
    poller.refresh();
    assert.equal(requests.length, 1);
    await last().succeed(['before the change']);
    assert.deepEqual([requests.length, poller.state.value.isBusy], [2, true]);
    await last().succeed(['after it']);
    tick(60_000);
    assert.deepEqual([requests.length, poller.state.value.data], [2, ['after it']]);
  });

  it('waits after a failure, although a refresh came while the request ran', async (t) => {
    const { poller, requests, last, tick } = start(t);
    poller.refresh();
    await last().fail(new ApiError('busy', 503, 'unavailable', 20));
    tick(19_999);
    assert.equal(requests.length, 1);
    tick(1);
    await last().succeed([]);
    assert.equal(requests.length, 2);
  });

  it('forgets a refresh at a restart: the new request is later', async (t) => {
    const { poller, requests, last } = start(t);
    poller.refresh();
    poller.restart();
    await last().succeed([]);
    assert.equal(requests.length, 2);
  });

  it('begins with what another poller knows', async (t) => {
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
    await last().succeed(['b']);
    assert.deepEqual([poller.state.value.status, poller.state.value.data], ['ok', ['b']]);
  });

  it('sends nothing while the tab is hidden, and a request at once when it is visible again', async (t) => {
    const { requests, last, hide, tick } = start(t);
    await last().succeed([]);
    hide(true);
    tick(60_000);
    assert.equal(requests.length, 1);
    hide(false);
    tick(0);
    assert.equal(requests.length, 2);
  });

  it('sends a request only at a refresh while auto-refresh is off', async (t) => {
    const { poller, requests, last, tick } = start(t, { intervalMs: () => null });
    await last().succeed([]);
    tick(600_000);
    assert.equal(requests.length, 1);
    poller.refresh();
    assert.equal(requests.length, 2);
  });

  it('waits as long as Retry-After says', async (t) => {
    const { requests, last, tick } = start(t);
    await last().fail(new ApiError('busy', 503, 'unavailable', 20));
    tick(19_999);
    assert.equal(requests.length, 1);
    tick(1);
    assert.equal(requests.length, 2);
  });

  it('aborts the old request at a restart, and drops its data if the new one fails', async (t) => {
    const { poller, requests, last } = start(t);
    await last().succeed(['old']);
    poller.refresh();
    poller.restart();
    assert.equal(requests[1]?.signal.aborted, true);
    assert.deepEqual(poller.state.value.data, ['old']);
    await last().fail(new ApiError('down', 503, 'unavailable'));
    assert.deepEqual([poller.state.value.status, poller.state.value.data], ['error', undefined]);
  });

  it('is pending from a restart until the response comes', async (t) => {
    const { poller, last } = start(t);
    await last().succeed(['old']);
    assert.equal(poller.state.value.isPending, false);
    poller.restart();
    assert.deepEqual([poller.state.value.isPending, poller.state.value.data], [true, ['old']]);
    await last().succeed(['new']);
    assert.deepEqual([poller.state.value.isPending, poller.state.value.data], [false, ['new']]);
  });

  it('drops the data of the old request when the new one is late', async (t) => {
    const { poller, last, tick } = start(t);
    await last().succeed(['old']);
    poller.restart();
    tick(10_000);
    const { status, data, error, isPending } = poller.state.value;
    assert.deepEqual([status, data, error?.code, isPending], ['error', undefined, 'late', false]);
  });

  it('ignores a response that comes after a stop', async (t) => {
    const { poller, last } = start(t);
    poller.stop();
    assert.equal(last().signal.aborted, true);
    await last().succeed(['late']);
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

  it('names the status if there is no body', () => {
    assert.equal(errorOf(502, undefined, null).reason, 'HTTP status 502');
  });
});
