import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv } from 'ajv';
import { announcePayloadSchemas } from '../../src/shared/queue/payload-schemas.ts';
import { post, request, sum, taskIn } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { handlers } from '../support/schema-handlers.ts';
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

  for (const event_type of ['pay.zod', 'pay.valibot', 'pay.arktype'] as const) {
    it(`of ${event_type} is refused with the place, or reaches the handler with its defaults`, async () => {
      const refused = await submit(event_type, WRONG);
      assert.deepEqual([refused.status, refused.body.code], [422, 'ASDLC_PAYLOAD_INVALID']);
      assert.match(refused.body.message, /; got another: \/amount: must be number$/);
      const { body } = await submit(event_type, { amount: 3 });
      const task = await taskIn(url, body.id, ['completed']);
      assert.deepEqual(task.result, { paid: '3.00 EUR' });
    });
  }

  it('is described: in the list of event types, and in the OpenAPI document', async () => {
    const { body: list } = await request(`${url}/api/event-types`);
    const types = list.event_types.map(({ event_type }: { event_type: string }) => event_type);
    assert.deepEqual(types, Object.keys(handlers).sort());
    const send = list.event_types[types.indexOf('invoice.send')];
    assert.deepEqual(send.payload_schema, JSON.parse(JSON.stringify(handlers['invoice.send'].payloadSchema)));
    const { body: document } = await request(`${url}/openapi.json`);
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    assert.ok(valid, JSON.stringify(errors));
    assert.deepEqual(document.components.schemas['Payload.invoice.send'], send.payload_schema);
    assert.deepEqual((await request(`${url}/docs/json`)).body, document);
    const ajv = new Ajv({ strict: false, validateFormats: false });
    ajv.addSchema(document, 'document');
    const takes = (task: object) => ajv.validate('document#/components/schemas/TaskRequest', task);
    assert.ok(takes({ event_type: 'invoice.send', payload: { amount: 1 } }));
    assert.ok(takes({ event_type: 'other', payload: WRONG }));
    assert.ok(!takes({ event_type: 'invoice.send', payload: WRONG }));
    assert.ok(!takes({ event_type: 'invoice.send' }));
  });

  it('is described only to those who may read tasks', async () => {
    const guarded = await startOrchestrator(scope, { REDIS_URL: redis.url, API_TOKEN: 'token-of-root' });
    const seen = async (headers: Record<string, string>) =>
      Object.keys((await request(`${guarded.url}/openapi.json`, { headers })).body.components.schemas);
    const name = 'Payload.invoice.send';
    assert.ok((await seen({ authorization: 'Bearer token-of-root' })).includes(name));
    for (const headers of [{}, { authorization: 'Bearer token-of-nobody' }])
      assert.ok(!(await seen(headers)).includes(name));
  });

  it('is taken while any live schema takes it', async () => {
    const admin = adminOf(scope, redis.url);
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
