import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { post } from '../support/http.ts';
import { startOrchestrator, startRedis, startWorkers, temporaryFolder } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { until } from '../support/until.ts';
import { startWebhookReceiver } from '../support/webhook-receiver.ts';

describe('webhooks', () => {
  it('tell of each of many ends, also when worker processes are killed meanwhile', async (t) => {
    const [receiver, redis] = await Promise.all([startWebhookReceiver(t), startRedis(t)]);
    const admin = adminOf(t, redis.url);
    const file = join(await temporaryFolder(t), 'webhooks.json');
    const secrets = [`whsec_${Buffer.from('a'.repeat(32)).toString('base64')}`];
    const webhook = { name: 'all', url: `${receiver.url}/`, secrets };
    await writeFile(file, JSON.stringify({ webhooks: [webhook] }));
    const env = { REDIS_URL: redis.url, WEBHOOKS_FILE: file };
    const { url } = await startOrchestrator(t, env);
    const workers = [await startWorkers(t, env), await startWorkers(t, env), await startWorkers(t, env)];
    await until('ends are kept', async () => (await admin.exists('{asdlc}:tasks:asdlc:webhooks:on')) === 1);
    const tasks = Array.from({ length: 1_000 }, () => ({ event_type: 'echo' }));
    const { body } = await post(`${url}/api/tasks/batch`, { tasks });
    const ids: string[] = body.tasks.map(({ id }: { id: string }) => id);
    const told = () => {
      const byTask = new Map<string, Set<string>>();
      for (const { body, headers } of receiver.received) {
        const { id } = JSON.parse(body).data;
        byTask.set(id, (byTask.get(id) ?? new Set()).add(String(headers['webhook-id'])));
      }
      return byTask;
    };
    await until('some are told', () => told().size > 20);
    await workers[0]?.stop('SIGKILL');
    await until('more are told', () => told().size > 200);
    await workers[1]?.stop('SIGKILL');
    await until('all are told', () => told().size === ids.length, 120_000);
    await until(
      'the outbox is empty',
      async () => (await admin.xlen('{asdlc}:tasks:asdlc:webhooks:outbox')) === 0,
    );
    for (const webhookIds of told().values()) assert.equal(webhookIds.size, 1, 'what comes twice has one id');
  });
});
