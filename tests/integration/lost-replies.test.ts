import assert from 'node:assert/strict';
import { test } from 'node:test';
import { post, request, sumSamples, taskIn } from '../support/http.ts';
import { startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { startProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

test('counts the end of an attempt once that Redis has stored, although its reply was lost', async (t) => {
  const redis = await startRedis(t);
  const proxy = await startProxy(t, redis.port);
  const env = { TASK_RETRY_DELAY: '600' };
  const { url } = await startOrchestrator(t, { ...env, REDIS_URL: redis.url });
  const workers = await startWorkers(t, { ...env, REDIS_URL: `redis://127.0.0.1:${proxy.port}` });
  const submit = async (task: object): Promise<string> => (await post(`${url}/api/tasks`, task)).body.id;
  const completed = await submit({ event_type: 'slow', payload: { ms: 1_000 } });
  const dead = await submit({ event_type: 'hang.limited', max_attempts: 1 });
  const retried = await submit({ event_type: 'hang.limited', max_attempts: 2 });
  for (const id of [completed, dead, retried]) await taskIn(url, id, ['active']);
  proxy.mute();
  await taskIn(url, completed, ['completed']);
  await taskIn(url, dead, ['dead']);
  await taskIn(url, retried, ['delayed']);
  proxy.cut();
  const counted = async () => {
    const { body } = await request(`${workers.url}/metrics`);
    return [
      sumSamples(body, 'asdlc_events_processed_total', { status: 'success' }),
      sumSamples(body, 'asdlc_events_dead_total'),
      sumSamples(body, 'asdlc_event_retries_total'),
    ].join();
  };
  await until('all three are counted', async () => (await counted()) === '1,1,1');
  const { id } = (await post(`${url}/api/tasks`, { event_type: 'echo' })).body;
  await taskIn(url, id, ['completed']);
  assert.equal(await counted(), '2,1,1');
});
