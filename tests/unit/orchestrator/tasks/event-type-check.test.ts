import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createEventTypeCheck } from '../../../../src/orchestrator/tasks/event-type-check.ts';

const answering = (types: readonly string[], isAnyWorkerLive: boolean) => ({
  unannounced: async () => ({ types, isAnyWorkerLive }),
});
const submit = async () => 'submitted';

describe('createEventTypeCheck', () => {
  it('names the types that nobody announced, ten at most', async () => {
    const types = Array.from({ length: 12 }, (_, i) => `t${i}`);
    const check = createEventTypeCheck({ eventTypes: answering(types, true), policy: 'accept' });
    assert.deepEqual(await check(types, submit), {
      result: 'submitted',
      warning: 'unknown-event-type; event_types="t0 t1 t2 t3 t4 t5 t6 t7 t8 t9"; count=12',
    });
  });

  it('warns of nothing when all are announced', async () => {
    const check = createEventTypeCheck({ eventTypes: answering([], true), policy: 'refuse' });
    assert.deepEqual(await check(['a'], submit), { result: 'submitted', warning: undefined });
  });

  it('refuses before it submits, and only while a worker is live', async () => {
    const refusing = createEventTypeCheck({ eventTypes: answering(['a'], true), policy: 'refuse' });
    await assert.rejects(
      refusing(['a'], () => assert.fail('submitted')),
      { code: 'ASDLC_UNKNOWN_EVENT_TYPE' },
    );
    const check = createEventTypeCheck({ eventTypes: answering(['a'], false), policy: 'refuse' });
    assert.equal((await check(['a'], submit)).result, 'submitted');
  });

  it('fails as the submission does when Redis does not answer', async () => {
    const eventTypes = { unannounced: () => new Promise<never>(() => undefined) };
    const away = new Error('away');
    for (const policy of ['accept', 'refuse'] as const) {
      const check = createEventTypeCheck({ eventTypes, policy });
      await assert.rejects(
        check(['a'], () => Promise.reject(away)),
        away,
      );
    }
  });
});
