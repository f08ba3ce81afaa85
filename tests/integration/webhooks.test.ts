import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { Webhook } from 'standardwebhooks';
import { post, request, runTask, sample, taskIn } from '../support/http.ts';
import {
  type RunningServer,
  startOrchestrator,
  startRedis,
  startWorkers,
  temporaryFolder,
} from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

const secret = (letter: string) => `whsec_${Buffer.from(letter.repeat(32)).toString('base64')}`;
const [OLD, NEW, OTHER] = [secret('a'), secret('b'), secret('c')];

describe('webhooks', () => {
  const scope = suiteScope();
  let receiver: WebhookReceiver;
  let redis: RunningServer;
  let admin: Redis;
  let url: string;
  let env: Record<string, string>;
  let workers: RunningServer;
  let file: string;
  const setUp = (webhooks: object[]) => writeFile(file, JSON.stringify({ webhooks }));

  before(async () => {
    [receiver, redis] = await Promise.all([startWebhookReceiver(scope), startRedis(scope)]);
    admin = adminOf(scope, redis.url);
    const folder = await temporaryFolder(scope);
    file = join(folder, 'webhooks.json');
    await writeFile(join(folder, 'secret'), `${OLD}\n`);
    const webhooks = [
      { name: 'all', url: `${receiver.url}/all?key=of-the-url`, secrets: [NEW], secret_files: ['secret'] },
      {
        name: 'dead',
        url: `${receiver.url}/dead`,
        secrets: [OTHER],
        events: ['dead'],
        event_types: ['fail*'],
        attempts: 2,
        timeout_seconds: 0.5,
      },
    ];
    await setUp(webhooks);
    env = { REDIS_URL: redis.url, WEBHOOKS_FILE: file, TASK_RETRY_DELAY: '0.05', LOG_LEVEL: 'debug' };
    url = (await startOrchestrator(scope, env)).url;
    workers = await startWorkers(scope, env);
    await until('ends are kept', async () => (await admin.exists('{asdlc}:tasks:asdlc:webhooks:on')) === 1);
  });

  const of = (path: string, id: string) =>
    receiver.received.filter((one) => one.path === path && JSON.parse(one.body).data.id === id);
  const arrived = (path: string, id: string, count = 1) =>
    until(`${count} at ${path} for ${id}`, () => of(path, id).length >= count && of(path, id));
  const deliveries = async (status: string) =>
    (await request(`${url}/api/tasks?event_type=asdlc.webhook&status=${status}&limit=200`)).body.tasks;
  const deliveryOf = (id: string, webhook: string) =>
    until(`the delivery of ${id}`, async () => {
      const { body } = await request(`${url}/api/tasks?event_type=asdlc.webhook&limit=200`);
      for (const task of body.tasks) {
        const detail = (await request(`${url}/api/tasks/${task.id}`)).body;
        if (detail.payload.message.data.id === id && detail.payload.webhook === webhook) return detail;
      }
      return false;
    });

  it('tell of a completed task, signed so that another implementation takes it, by either secret', async () => {
    const { id } = await runTask(url, { event_type: 'echo', payload: 'secret of the payload' });
    const [first] = await arrived('/all?key=of-the-url', id);
    assert.ok(first);
    const { headers, body } = first;
    for (const key of [OLD, NEW]) {
      assert.deepEqual(new Webhook(key).verify(body, headers as Record<string, string>), JSON.parse(body));
    }
    assert.throws(
      () => new Webhook(OTHER).verify(body, headers as Record<string, string>),
      /No matching signature/,
    );
    assert.throws(
      () => new Webhook(OLD).verify(`${body} `, headers as Record<string, string>),
      /No matching/,
    );
    const { type, timestamp, data } = JSON.parse(body);
    assert.deepEqual([type, data], ['task.completed', { id, event_type: 'echo', status: 'completed' }]);
    assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 60_000);
    assert.equal(headers['content-type'], 'application/json');
    const delivery = await deliveryOf(id, 'all');
    assert.equal(headers['webhook-id'], delivery.id);
    await taskIn(url, delivery.id, ['completed']);
  });

  it('tell only what they want to know, and of cancelled tasks too', async () => {
    const failed = await runTask(url, { event_type: 'fail', max_attempts: 1 });
    const [{ body } = { body: '' }] = await arrived('/dead', failed.id);
    assert.equal(JSON.parse(body).type, 'task.dead');
    const { id } = await runTask(url, { event_type: 'fail', delay_ms: 600_000 }, ['delayed']);
    await post(`${url}/api/tasks/${id}/cancel`, '');
    await arrived('/dead', id);
    const echo = await runTask(url, { event_type: 'echo' });
    await arrived('/all?key=of-the-url', echo.id);
    assert.deepEqual(of('/dead', echo.id), []);
    await until('all deliveries have ended', async () => (await deliveries('queued')).length === 0);
    const told = receiver.received.map(({ body }) => JSON.parse(body).data.event_type);
    assert.equal(told.includes('asdlc.webhook'), false, 'deliveries cause none');
  });

  it('are tried again after anything but a 2xx, with the same id; a redirect is not followed', async () => {
    for (const answer of [500, 302, null]) {
      receiver.answers.set('/dead', answer);
      const { id } = await runTask(url, { event_type: 'fail', max_attempts: 1 });
      await arrived('/dead', id);
      const delivery = await deliveryOf(id, 'dead');
      const { error } = await taskIn(url, delivery.id, ['delayed']);
      assert.match(error.message, /^expected a 2xx within 0.5 s; got (500|302|none)$/);
      receiver.answers.delete('/dead');
      await post(`${url}/api/tasks/${delivery.id}/run`, '');
      await taskIn(url, delivery.id, ['completed']);
      const ids = of('/dead', id).map(({ headers }) => headers['webhook-id']);
      assert.deepEqual(ids, [delivery.id, delivery.id]);
    }
    assert.equal(
      receiver.received.some(({ path }) => path === '/elsewhere'),
      false,
    );
  });

  it('are turned off by a 410, until a retry by hand gets a 2xx', async () => {
    receiver.answers.set('/dead', 410);
    const first = await runTask(url, { event_type: 'fail', max_attempts: 1 });
    const delivery = await deliveryOf(first.id, 'dead');
    assert.match(
      (await taskIn(url, delivery.id, ['dead'])).error.message,
      /got 410: the webhook is turned off/,
    );
    const skipped = await runTask(url, { event_type: 'fail', max_attempts: 1 });
    await until('it is skipped', async () => {
      const labels = { webhook: 'dead', outcome: 'skipped' };
      return (await sample(workers.url, 'asdlc_webhook_deliveries_total', labels)) === 1;
    });
    assert.deepEqual(of('/dead', skipped.id), []);
    receiver.answers.delete('/dead');
    await post(`${url}/api/tasks/${delivery.id}/retry`, '');
    await taskIn(url, delivery.id, ['completed']);
    const last = await runTask(url, { event_type: 'fail', max_attempts: 1 });
    await arrived('/dead', last.id);
  });

  it('count their deliveries, and show no secret and no URL', async () => {
    for (const outcome of ['delivered', 'failed', 'gone', 'skipped'])
      assert.ok(
        Number(await sample(workers.url, 'asdlc_webhook_deliveries_total', { webhook: 'dead', outcome })) > 0,
      );
    assert.equal(
      await sample(workers.url, 'asdlc_webhook_deliveries_total', { webhook: 'all', outcome: 'gone' }),
      0,
    );
    const keys = await admin.keys('*');
    const kept = await Promise.all(keys.map((key) => admin.dump(key)));
    for (const text of [workers.output(), kept.join('\n'), JSON.stringify(await deliveries('completed'))]) {
      for (const word of [OLD, NEW, OTHER, 'of-the-url', receiver.url])
        assert.equal(text.includes(word), false, word);
    }
  });

  it('cannot be forged by a client', async () => {
    const forged = { event_type: 'asdlc.webhook', payload: { webhook: 'all', message: {} } };
    for (const [path, body] of [
      ['/api/tasks', forged],
      ['/api/tasks/batch', { tasks: [{ event_type: 'echo' }, forged] }],
    ] as const) {
      const answer = await post(`${url}${path}`, body);
      assert.equal(answer.status, 400);
      assert.match(answer.body.message, /event_type: expected one of your own; got asdlc.webhook/);
    }
  });

  it('tell of what ended while no worker with webhooks was there', async () => {
    assert.equal(await workers.stop(), 0);
    const plain = await startWorkers(scope, { ...env, WEBHOOKS_FILE: '' });
    const { id } = await runTask(url, { event_type: 'echo' });
    assert.deepEqual(of('/all?key=of-the-url', id), []);
    await plain.stop();
    workers = await startWorkers(scope, env);
    await arrived('/all?key=of-the-url', id);
  });

  it('take over a changed file: a new secret and a new webhook, and keep what they have when it is wrong', async () => {
    const all = { name: 'all', url: `${receiver.url}/rotated` };
    await setUp([
      { ...all, secrets: [OTHER] },
      { name: 'new', url: `${receiver.url}/new`, secrets: [NEW] },
    ]);
    await until('the workers say so', () => workers.output().includes('WEBHOOKS_FILE have changed'));
    const born = { webhook: 'new', outcome: 'failed' };
    assert.equal(await sample(workers.url, 'asdlc_webhook_deliveries_total', born), 0);
    const { id } = await runTask(url, { event_type: 'echo' });
    const [told] = await arrived('/rotated', id);
    assert.ok(told);
    new Webhook(OTHER).verify(told.body, told.headers as Record<string, string>);
    await arrived('/new', id);
    await setUp([{ ...all, secrets: ['whsec_nonsense'] }]);
    await until('the workers say so', () => workers.output().includes('cannot be used'));
    const next = await runTask(url, { event_type: 'echo' });
    await arrived('/new', next.id);
    assert.equal(workers.output().includes('nonsense'), false);
  });

  it('are tried again by a process that does not know the webhook: another one may have read the file first', async () => {
    const webhook = { name: 'new', url: `${receiver.url}/new`, secrets: [NEW] };
    const changes = () => workers.output().split('WEBHOOKS_FILE have changed').length;
    const change = async (webhooks: object[]) => {
      const before = changes();
      await setUp(webhooks);
      await until('the file is read', () => changes() > before);
    };
    await change([webhook]);
    receiver.answers.set('/new', 500);
    const { id } = await runTask(url, { event_type: 'echo' });
    const delivery = await deliveryOf(id, 'new');
    await taskIn(url, delivery.id, ['delayed']);
    receiver.answers.delete('/new');
    await change([]);
    await post(`${url}/api/tasks/${delivery.id}/run`, '');
    await until('it has failed again', async () => {
      const { status, error } = (await request(`${url}/api/tasks/${delivery.id}`)).body;
      return status === 'delayed' && /expected a webhook of WEBHOOKS_FILE; got "new"/.test(error.message);
    });
    await change([webhook]);
    await post(`${url}/api/tasks/${delivery.id}/run`, '');
    await taskIn(url, delivery.id, ['completed']);
    assert.equal(of('/new', id).length, 2);
  });
});
