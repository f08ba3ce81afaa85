import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { openEvents } from '../support/event-stream.ts';
import { post, request, runTask, sample, taskIn } from '../support/http.ts';
import {
  type RunningServer,
  startOrchestrator,
  startWorkers,
  temporaryFolder,
} from '../support/processes.ts';
import { adminOf, type RedisCluster, startCluster } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

const PREFIX = '{own-tag}';
const SECRET = `whsec_${Buffer.from('x'.repeat(32)).toString('base64')}`;
const QUEUES = ['tasks', 'gpu', 'bulk'];

describe('on a Redis Cluster of three primaries', () => {
  const scope = suiteScope();
  let cluster: RedisCluster;
  let receiver: WebhookReceiver;
  let servers: RunningServer[];
  let url: string;

  before(async () => {
    [cluster, receiver] = await Promise.all([startCluster(scope, PREFIX), startWebhookReceiver(scope)]);
    const file = join(await temporaryFolder(scope), 'webhooks.json');
    await writeFile(
      file,
      JSON.stringify({ webhooks: [{ name: 'all', url: receiver.url, secrets: [SECRET] }] }),
    );
    const env = {
      REDIS_URL: cluster.url,
      REDIS_MODE: 'cluster',
      QUEUE_PREFIX: PREFIX,
      TASK_RETRY_DELAY: '0.05',
      LOG_LEVEL: 'debug',
    };
    servers = await Promise.all([
      startOrchestrator(scope, { ...env, TASK_ROUTES: 'rated*=gpu,bulk' }),
      startOrchestrator(scope, { ...env, TASK_ROUTES: 'rated*=gpu,bulk' }),
      startWorkers(scope, { ...env, WORKER_QUEUES: 'tasks:2,gpu:2,bulk:2', WEBHOOKS_FILE: file }),
    ]);
    url = servers[0]?.url ?? '';
  });

  const call = (method: string, path: string, body?: unknown) =>
    request(`${url}${path}`, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
  const told = (id: string) =>
    until(`the receiver is told of ${id}`, () =>
      receiver.received.some(({ body }) => JSON.parse(body).data.id === id),
    );

  for (const queue of QUEUES) {
    it(`tasks of ${queue} run, with children and a next one, are streamed, and told by webhooks`, async () => {
      const events = await openEvents(`${url}/api/events?queue=${queue}`);
      assert.equal(events.status, 200);
      const { body, status } = await call('POST', '/api/tasks', {
        event_type: 'flow',
        queue,
        children: [{ event_type: 'echo', payload: 1 }, { event_type: 'fail.once' }],
        next: [{ event_type: 'flow' }],
      });
      assert.equal(status, 202, JSON.stringify(body));
      const task = await taskIn(url, body.id, ['completed', 'dead']);
      assert.deepEqual([task.status, task.queue, task.result.children.length], ['completed', queue, 2]);
      const next = await taskIn(url, task.next[0].id, ['completed', 'dead']);
      assert.deepEqual([next.status, next.queue], ['completed', queue]);
      await events.next('its end', ({ data }) => data.id === body.id && data.status === 'completed');
      events.close();
      await told(body.id);
      await told(next.id);
    });

    it(`tasks of ${queue} are retried, cancelled, removed and paused, one or many at once`, async () => {
      const failed = await runTask(url, { event_type: 'fail', queue, max_attempts: 1 });
      assert.equal(failed.status, 'dead');
      assert.equal((await call('GET', `/api/errors?queue=${queue}`)).body.groups.length, 1);
      const filter = { status: 'dead', queue };
      assert.equal((await call('POST', '/api/tasks/bulk', { action: 'retry', filter })).body.done, 1);
      await taskIn(url, failed.id, ['dead']);
      const late = { event_type: 'echo', queue, delay_ms: 3_600_000 };
      const waiting = await runTask(url, late, ['delayed']);
      assert.equal((await call('POST', `/api/tasks/${waiting.id}/run`)).status, 202);
      await taskIn(url, waiting.id, ['completed']);
      const { id } = await runTask(url, late, ['delayed']);
      assert.equal((await call('POST', `/api/tasks/${id}/cancel`)).body.status, 'dead');
      assert.equal((await call('POST', '/api/tasks/bulk', { action: 'remove', filter })).body.failed, 0);
      assert.equal((await call('POST', `/api/queue/pause?queue=${queue}`)).status, 200);
      const held = await call('POST', '/api/tasks', { event_type: 'echo', queue });
      assert.ok((await call('GET', `/api/queue?queue=${queue}`)).body.tasks.waiting > 0);
      assert.equal((await call('POST', `/api/queue/resume?queue=${queue}`)).status, 200);
      await taskIn(url, held.body.id, ['completed']);
    });
  }

  it('one key makes one task, whichever queue it is sent to', async () => {
    const key = { 'idempotency-key': 'one' };
    const first = await post(`${url}/api/tasks`, { event_type: 'echo', queue: 'gpu' }, key);
    const again = await post(`${servers[1]?.url}/api/tasks`, { event_type: 'echo', queue: 'bulk' }, key);
    assert.deepEqual([again.status, again.body.id, again.body.queue], [202, first.body.id, 'gpu']);
  });

  it('a schedule makes one task for each due time, with two orchestrators', async () => {
    const schedule = { every_ms: 1_000, event_type: 'schedule.of', payload: { n: 1 } };
    assert.equal((await call('PUT', '/api/schedules/often', schedule)).status, 201);
    assert.equal((await call('POST', '/api/schedules/often/run')).status, 202);
    const ran = await until('it has run three times', async () => {
      const { body } = await call('GET', '/api/schedules/often');
      return body.runs >= 3 && body;
    });
    assert.deepEqual(ran.payload, { n: 1 });
    for (const action of ['pause', 'resume'])
      assert.equal((await call('POST', `/api/schedules/often/${action}`)).status, 200);
    assert.equal((await call('DELETE', '/api/schedules/often')).status, 204);
    const { tasks } = (await call('GET', '/api/tasks?id=schedule~often~&limit=200')).body;
    const ids = tasks.map(({ id }: { id: string }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) assert.equal((await taskIn(url, id, ['completed', 'dead'])).status, 'completed');
  });

  it('all keys are on one primary, and no command went to a wrong one', async () => {
    await sample(url, 'asdlc_queue_tasks', { queue: 'bulk', state: 'waiting' });
    const primaries = cluster.nodes.slice(0, 3).map(({ url: node }) => adminOf(scope, node));
    const keys = await Promise.all(primaries.map((node) => node.keys('*')));
    assert.equal(keys.filter((found) => found.length > 0).length, 1);
    for (const key of keys.flat()) assert.ok(key.startsWith(PREFIX), key);
    for (const queue of QUEUES) assert.ok(keys.flat().includes(`${PREFIX}:${queue}:meta`), queue);
    for (const { output } of servers)
      assert.doesNotMatch(output(), /CROSSSLOT|MOVED|"level":"(error|fatal)"/);
    for (const node of primaries) {
      const stats = await node.info('errorstats');
      assert.doesNotMatch(stats, /errorstat_CROSSSLOT/);
    }
  });
});
