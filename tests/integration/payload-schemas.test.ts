import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { Redis } from 'ioredis';
import { announcePayloadSchemas } from '../../src/shared/queue/payload-schemas.ts';
import { post, sum, taskIn } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const WRONG = { amount: 'secret' };
const TYPES = ['invoice.send', 'invoice.print'] as const; // one in the process, one in a thread

describe('a payload with a schema', () => {
  const scope = suiteScope();
  let redis: RunningServer;
  let url: string;
  let workers: RunningServer;
  const early = new Map<string, string>();
  const submit = (event_type: string, payload: unknown) => post(`${url}/api/tasks`, { event_type, payload });

  before(async () => {
    redis = await startRedis(scope);
    url = (await startOrchestrator(scope, { REDIS_URL: redis.url })).url;
    for (const event_type of TYPES) {
      const { status, body } = await submit(event_type, WRONG); // no worker has announced a schema
      assert.equal(status, 202);
      early.set(event_type, body.id);
    }
    workers = await startWorkers(scope, {
      REDIS_URL: redis.url,
      WORKER_HANDLERS: 'tests/support/schema-handlers.ts',
    });
  });

  for (const event_type of TYPES) {
    it(`makes a task of ${event_type} from before the schema dead at once`, async () => {
      const task = await taskIn(url, early.get(event_type) ?? '', ['dead']);
      assert.equal(task.attempts, 1);
      assert.equal(
        task.error.message,
        `The payload does not fit the schema of ${event_type}: /amount: must be number`,
      );
      const dead = await sum(workers.url, 'asdlc_events_dead_total', {
        event_type,
        reason: 'invalid_payload',
      });
      assert.equal(dead, 1);
    });

    it(`reaches the handler of ${event_type} when it fits`, async () => {
      const { body } = await submit(event_type, { amount: 3 });
      const task = await taskIn(url, body.id, ['completed']);
      assert.deepEqual(task.result, { [event_type === 'invoice.send' ? 'sent' : 'printed']: 3 });
    });
  }

  it('is refused with the place, alone and in a batch, once the orchestrator knows the schema', async () => {
    const refused = await until('the schema is known', async () => {
      const response = await submit('invoice.send', WRONG);
      return response.status !== 202 && response;
    });
    const body = {
      code: 'ASDLC_PAYLOAD_INVALID',
      message: 'payload: expected what the schema of invoice.send says; got another: /amount: must be number',
    };
    assert.deepEqual([refused.status, refused.body], [422, body]);
    const tasks = [
      { event_type: 'invoice.send', payload: { amount: 1 } },
      { event_type: 'invoice.send', payload: WRONG },
    ];
    const batch = await post(`${url}/api/tasks/batch`, { tasks });
    assert.deepEqual([batch.status, batch.body], [422, body]);
    assert.equal((await submit('invoice.send', { amount: 1 })).status, 202);
    assert.equal((await submit('invoice.send', undefined)).status, 422);
  });

  it('is taken while any live schema takes it', async () => {
    const admin = new Redis(redis.url);
    scope.after(() => admin.disconnect());
    await announcePayloadSchemas(admin, '{asdlc}', {
      'invoice.print': JSON.stringify({ properties: { amount: { type: 'string' } } }),
    });
    await until(
      'the second schema is known',
      async () => (await submit('invoice.print', WRONG)).status === 202,
    );
    assert.equal((await submit('invoice.print', { amount: 1 })).status, 202);
    assert.equal((await submit('invoice.print', { amount: false })).status, 422);
  });
});
