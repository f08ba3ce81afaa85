import assert from 'node:assert/strict';
import type { Redis } from 'ioredis';
import { request, taskIn } from '../../support/http.ts';
import { startKeyedLoad, submitKeyed } from '../../support/keyed-load.ts';
import { startOrchestrator, startRedis, startWorkers } from '../../support/processes.ts';
import { adminOf, startCluster, startReplica, startSentinel } from '../../support/redis-servers.ts';
import type { Scope } from '../../support/scope.ts';
import { startProxy } from '../../support/tcp-proxy.ts';
import { until } from '../../support/until.ts';
import { assertWithin, type FaultRow, seconds } from './fault-row.ts';

const PROMISE =
  'the first task is accepted within 5 s of the new primary; meanwhile 503 and not ready; sent again under its key, each task completes';

const isPrimary = async (redis: Redis) => (await redis.info('replication')).includes('role:master');

/**
 * Fails over under a load of keyed submissions. `failOver` resolves when there is a primary again, `checkRefused` looks at
 * the services before.
 */
async function showFailover(
  scope: Scope,
  env: NodeJS.ProcessEnv,
  failOver: (untilRefused: () => Promise<unknown>) => Promise<unknown>,
): Promise<string> {
  const services = await Promise.all([startOrchestrator(scope, env), startWorkers(scope, env)]);
  const [{ url }] = services;
  const load = startKeyedLoad(url);
  await until('some tasks are accepted', () => load.accepted > 20);
  const untilRefused = () =>
    until('the orchestrator is not ready', async () => (await request(`${url}/health/ready`)).status === 503);
  await failOver(untilRefused);
  const [primaryAtMs, before] = [performance.now(), load.accepted];
  await until('a task is accepted again', () => load.accepted > before + 1, 60_000);
  const acceptedMs = performance.now() - primaryAtMs;
  for (const each of services)
    await until(
      'it is ready',
      async () => (await request(`${each.url}/health/ready`)).status === 200,
      30_000,
    );
  const readyMs = performance.now() - primaryAtMs;
  const ids = await load.stop();
  // A primary that is killed may not have passed on its last writes. The key makes up for it.
  for (const key of ids.keys()) await submitKeyed(url, key);
  for (const id of ids.values())
    assert.equal((await taskIn(url, id, ['completed', 'dead'], 30_000)).status, 'completed');
  assertWithin('the first task', acceptedMs, 5_000);
  return `first task accepted after ${seconds(acceptedMs)}, both services ready after ${seconds(readyMs)}; ${ids.size} submitted, all completed`;
}

export const FAILOVER_ROWS: readonly FaultRow[] = [
  {
    fault: 'The primary turns replica and keeps its connections',
    promise: PROMISE,
    show: async (scope) => {
      const old = await startRedis(scope);
      const next = await startReplica(scope, old.port);
      const proxy = await startProxy(scope, old.port);
      return showFailover(scope, { REDIS_URL: `redis://127.0.0.1:${proxy.port}` }, async (untilRefused) => {
        await adminOf(scope, old.url).call('FAILOVER');
        await untilRefused();
        proxy.pointTo(next.port);
      });
    },
  },
  {
    fault: 'The primary of a Redis Cluster is killed',
    promise: PROMISE,
    show: async (scope) => {
      const { nodes, primary, replica, url } = await startCluster(scope, '{asdlc}');
      return showFailover(scope, { REDIS_URL: url, REDIS_MODE: 'cluster' }, async (untilRefused) => {
        const killed = nodes.find(({ port }) => port === primary.options.port);
        await killed?.stop('SIGKILL');
        await untilRefused();
        await until('the replica is a primary', () => isPrimary(replica));
      });
    },
  },
  {
    fault: 'The primary that a Sentinel watches is killed',
    promise: PROMISE,
    show: async (scope) => {
      const primary = await startRedis(scope);
      const replica = await startReplica(scope, primary.port);
      const sentinel = await startSentinel(scope, primary.port);
      const watcher = adminOf(scope, sentinel.url);
      await until('the sentinel knows the replica', async () =>
        String(await watcher.call('SENTINEL', 'replicas', 'queue')).includes(String(replica.port)),
      );
      const env = { REDIS_URL: sentinel.url, REDIS_MODE: 'sentinel', REDIS_SENTINEL_MASTER: 'queue' };
      const admin = adminOf(scope, replica.url);
      return showFailover(scope, env, async (untilRefused) => {
        await primary.stop('SIGKILL');
        await untilRefused();
        await until('the replica is a primary', () => isPrimary(admin), 30_000);
      });
    },
  },
];
