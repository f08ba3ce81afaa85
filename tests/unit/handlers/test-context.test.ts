import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestContext, type TaskHandler } from '../../../src/handlers/index.ts';

describe('createTestContext', () => {
  it('is what a handler gets at its first attempt', async () => {
    const handler: TaskHandler = ({ id, eventType, payload, attempt, signal, traceparent, tracestate }) => {
      return { id, eventType, payload, attempt, isAborted: signal.aborted, traceparent, tracestate };
    };
    assert.deepEqual(await handler(createTestContext({ payload: { name: 'Ada' } })), {
      id: 'test-task',
      eventType: 'test',
      payload: { name: 'Ada' },
      attempt: 1,
      isAborted: false,
      traceparent: undefined,
      tracestate: undefined,
    });
  });

  it('has what the test sets instead', () => {
    const signal = AbortSignal.abort();
    const {
      id,
      eventType,
      attempt,
      signal: given,
    } = createTestContext({
      payload: null,
      id: 'a',
      eventType: 'invoice.send',
      attempt: 3,
      signal,
    });
    assert.deepEqual({ id, eventType, attempt }, { id: 'a', eventType: 'invoice.send', attempt: 3 });
    assert.equal(given, signal);
  });

  it('keeps what the handler logs', () => {
    const context = createTestContext({ payload: 1 });
    context.logger.debug({ size: 2 }, 'looked');
    context.logger.child({ part: 'a' }).error(new Error('it broke'));
    assert.deepEqual(
      context.logs.map(({ level, msg }) => ({ level, msg })),
      [
        { level: 20, msg: 'looked' },
        { level: 50, msg: 'it broke' },
      ],
    );
    assert.equal(context.logs[0]?.size, 2);
    assert.equal(context.logs[1]?.part, 'a');
  });

  it('keeps what the handler reports, and refuses what a worker would', () => {
    const { progress, reported } = createTestContext({ payload: 1 });
    progress(0.5);
    progress({ done: 2 });
    assert.deepEqual(reported, [0.5, { done: 2 }]);
    assert.throws(() => progress(undefined), new TypeError('progress: expected JSON; got undefined'));
    assert.throws(() => progress(1n), /progress: expected JSON; got what is none: .*BigInt/);
    assert.throws(() => progress('x'.repeat(4_095)), /expected up to 4096 characters of JSON; got 4097/);
  });
});
