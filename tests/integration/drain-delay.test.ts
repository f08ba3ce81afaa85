import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type SentRequest, startBalancerClient } from '../support/balancer-client.ts';
import { request } from '../support/http.ts';
import { startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { RawConnection } from '../support/raw-http.ts';
import { until } from '../support/until.ts';

const ENOUGH = 50;

const SERVICES: readonly { name: string; start: typeof startOrchestrator; sent: SentRequest }[] = [
  {
    name: 'orchestrator',
    start: startOrchestrator,
    sent: { method: 'POST', path: '/api/tasks', body: '{"event_type":"echo"}' },
  },
  { name: 'workers', start: startWorkers, sent: { method: 'GET', path: '/metrics' } },
];

for (const { name, start, sent } of SERVICES) {
  describe(`a stop of the ${name} behind a balancer`, () => {
    it('fails the probe first, and refuses and resets no request', async (t) => {
      const redis = await startRedis(t);
      const service = await start(t, { REDIS_URL: redis.url, DRAIN_DELAY: '1' });
      const client = startBalancerClient(service.url, sent);
      await until('requests are answered', () => client.answered > ENOUGH);
      const [code, status] = await Promise.all([service.stop('SIGTERM'), client.stopped]);
      assert.deepEqual(client.failures, []);
      assert.deepEqual([code, status], [0, 503]);
    });

    it('takes requests through the delay, and a second signal ends the delay', async (t) => {
      const redis = await startRedis(t);
      const service = await start(t, { REDIS_URL: redis.url, DRAIN_DELAY: '300' });
      service.child.kill('SIGTERM');
      const { body } = await until('it is not ready', async () => {
        const answer = await request(`${service.url}/health/ready`);
        return answer.status === 503 && answer;
      });
      assert.deepEqual(
        [body.status, body.checks.running.error, body.checks.redis.status],
        ['not_ready', 'stopping', 'up'],
      );
      const { status, headers } = await request(`${service.url}/health/live`);
      assert.deepEqual([status, headers.get('connection')], [200, 'close']);
      assert.equal(await service.stop('SIGTERM'), 0);
    });
  });
}

it('ends the connection of a request that began before the stop, with its answer', async (t) => {
  const redis = await startRedis(t);
  const { url, port, stop } = await startOrchestrator(t, { REDIS_URL: redis.url });
  const body = '{"event_type":"echo"}';
  const head = `POST /api/tasks HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  const busy = await RawConnection.open(port);
  await busy.send([head, body.slice(0, 5)]);
  await request(`${url}/health/live`); // the service has read what came before it
  const stopped = stop('SIGTERM');
  await until('the port is closed', () =>
    request(`${url}/health/live`).then(
      () => false,
      () => true,
    ),
  );
  await busy.send([body.slice(5)]);
  const answer = await busy.answer('POST');
  assert.ok(typeof answer !== 'string', `expected an answer; got ${String(answer)}`);
  assert.deepEqual([answer.status, answer.headers.get('connection')], [202, 'close']);
  assert.equal(await busy.closed(), true);
  assert.equal(await stopped, 0);
});
