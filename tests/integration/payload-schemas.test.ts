import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { runTask, sum } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';

describe('a payload with a schema', () => {
  const scope = suiteScope();
  let url: string;
  let workers: RunningServer;

  before(async () => {
    const redis = await startRedis(scope);
    url = (await startOrchestrator(scope, { REDIS_URL: redis.url })).url;
    workers = await startWorkers(scope, {
      REDIS_URL: redis.url,
      WORKER_HANDLERS: 'tests/support/schema-handlers.ts',
    });
  });

  for (const [event_type, where, result] of [
    ['invoice.send', 'in the process', { sent: 3 }],
    ['invoice.print', 'in a thread', { printed: 3 }],
  ] as const) {
    it(`reaches a handler ${where} when it fits`, async () => {
      const task = await runTask(url, { event_type, payload: { amount: 3 } });
      assert.deepEqual([task.status, task.result], ['completed', result]);
    });

    it(`makes the task of a handler ${where} dead at once when it does not fit`, async () => {
      const task = await runTask(url, { event_type, payload: { amount: 'secret' }, max_attempts: 5 });
      assert.deepEqual([task.status, task.attempts], ['dead', 1]);
      assert.equal(
        task.error.message,
        `The payload does not fit the schema of ${event_type}: /amount: must be number`,
      );
      assert.equal(
        await sum(workers.url, 'asdlc_events_dead_total', { event_type, reason: 'invalid_payload' }),
        1,
      );
    });
  }
});
