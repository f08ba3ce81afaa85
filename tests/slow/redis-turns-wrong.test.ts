import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { post, request, sample, taskIn } from '../support/http.ts';
import { startKeyedLoad, submitKeyed } from '../support/keyed-load.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf, startCluster, startReplica, startSentinel } from '../support/redis-servers.ts';
import { startProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

const readyError = async ({ url }: RunningServer): Promise<string> =>
  (await request(`${url}/health/ready`)).body.checks.redis.error ?? 'none';
const isReady = async (server: RunningServer) => (await request(`${server.url}/health/ready`)).status === 200;
const count = (text: string, part: string) => text.split(part).length - 1;

describe('a connection to Redis that turns wrong', () => {
  it('is replaced when its primary becomes a replica and stays connected', async (t) => {
    const old = await startRedis(t);
    const next = await startReplica(t, old.port);
    const proxy = await startProxy(t, old.port);
    const env = { REDIS_URL: `redis://127.0.0.1:${proxy.port}` };
    const [orchestrator, workers] = await Promise.all([startOrchestrator(t, env), startWorkers(t, env)]);
    const load = startKeyedLoad(orchestrator.url);
    await until('some tasks are accepted', () => load.accepted > 20);
    await adminOf(t, old.url).call('FAILOVER'); // in which nothing is lost
    for (const server of [orchestrator, workers]) {
      await until('it names the replica', async () =>
        /^this server is a replica: READONLY/.test(await readyError(server)),
      );
      assert.equal(await sample(server.url, 'asdlc_redis_connection_up'), 0);
    }
    const [before, movedAt] = [load.accepted, performance.now()];
    proxy.pointTo(next.port);
    await until('a task is accepted again', () => load.accepted > before + 1);
    const id = await submitKeyed(orchestrator.url, 'after the failover');
    await taskIn(orchestrator.url, id, ['completed']);
    assert.ok(performance.now() - movedAt < 10_000, 'it takes at most 5 s, or 10 s on a busy machine');
    for (const task of (await load.stop()).values()) await taskIn(orchestrator.url, task, ['completed']);
    for (const server of [orchestrator, workers]) {
      await until('it is ready', () => isReady(server));
      assert.equal(count(server.output(), 'redis refuses commands'), 1, server.output());
    }
  });

  it('is replaced when its packets vanish silently', async (t) => {
    const proxy = await startProxy(t, (await startRedis(t)).port);
    const env = { REDIS_URL: `redis://127.0.0.1:${proxy.port}` };
    const [orchestrator] = await Promise.all([startOrchestrator(t, env), startWorkers(t, env)]);
    await taskIn(orchestrator.url, await submitKeyed(orchestrator.url, 'before'), ['completed']);
    proxy.swallow();
    const swallowedAt = performance.now();
    const id = await submitKeyed(orchestrator.url, 'first');
    const acceptedMs = performance.now() - swallowedAt;
    await taskIn(orchestrator.url, id, ['completed'], 30_000);
    assert.ok(acceptedMs < 15_000, `the first task was accepted after ${acceptedMs} ms`);
    assert.ok(performance.now() - swallowedAt < 25_000, 'the worker resumes after 15 to 20 s');
  });

  it('recovers by itself from a changed password, and names it meanwhile', async (t) => {
    const redis = await startRedis(t);
    const admin = adminOf(t, redis.url);
    const orchestrator = await startOrchestrator(t, { REDIS_URL: redis.url });
    const workers = await startWorkers(t, { REDIS_URL: redis.url });
    await admin.config('SET', 'requirepass', 'another');
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    for (const server of [orchestrator, workers]) {
      await until('it names the password', async () => /NOAUTH/.test(await readyError(server)));
    }
    for (const server of [orchestrator, workers])
      await until('the log names it too', () => /NOAUTH/.test(server.output()));
    await admin.config('SET', 'requirepass', '');
    const id = await submitKeyed(orchestrator.url, 'mended');
    await taskIn(orchestrator.url, id, ['completed']);
    for (const server of [orchestrator, workers])
      assert.ok(server.output().split('\n').length < 20, server.output());
  });
});

describe('a Redis that cannot be written here', () => {
  it('is not ready and is named: replica, user, database, Sentinel, foreign node of a cluster', async (t) => {
    const redis = await startRedis(t);
    const admin = adminOf(t, redis.url);
    await admin.call('ACL', 'SETUSER', 'noeval', 'on', '>pass', '~*', '&*', '+@all', '-eval');
    await admin.call('ACL', 'SETUSER', 'nowrite', 'on', '>pass', '~*', '&*', '+@all', '-@write', '+eval');
    const replica = await startReplica(t, redis.port, ['--replica-read-only', 'no']);
    const sentinel = await startSentinel(t, redis.port);
    const cluster = await startCluster(t, '{asdlc}');
    const cases = [
      [replica.url, /^this server is a replica, although it accepts writes$/],
      [`redis://noeval:pass@127.0.0.1:${redis.port}`, /^the user may not do what the queue does: NOPERM/],
      [
        `redis://nowrite:pass@127.0.0.1:${redis.port}`,
        /^the user may not do what the queue does: ERR The user/,
      ],
      [`redis://noeval:wrong@127.0.0.1:${redis.port}`, /^not connected: WRONGPASS/],
      [`${redis.url}/99`, /^not connected: the database of REDIS_URL is not there: .*out of range/],
      [sentinel.url, /^this server runs no scripts, as a Sentinel: see REDIS_MODE/],
      [cluster.other.url, /^this server is a node of a cluster, .*: MOVED/],
    ] as const;
    const assertNamed = async ([REDIS_URL, expected]: (typeof cases)[number]) => {
      const server = await startOrchestrator(t, { REDIS_URL }, 'live');
      await until(`it says ${expected}`, async () => expected.test(await readyError(server)));
      assert.equal(await sample(server.url, 'asdlc_redis_connection_up'), 0);
      const { status } = await post(`${server.url}/api/tasks`, { event_type: 'echo' });
      assert.equal(status, 503, REDIS_URL);
      await server.stop();
    };
    // Two at once: more would need longer to start than a test waits.
    for (let i = 0; i < cases.length; i += 2) await Promise.all(cases.slice(i, i + 2).map(assertNamed));
    assert.deepEqual(await admin.dbsize(), 0, 'nothing was written to another database');
  });

  it('is named by a structured warning and a metric when its settings may lose tasks', async (t) => {
    const args = ['--maxmemory-policy', 'allkeys-lru', '--appendonly', 'no'];
    const redis = await startRedis(t, undefined, args);
    const env = { REDIS_URL: redis.url };
    for (const server of [await startOrchestrator(t, env), await startWorkers(t, env)]) {
      await until('both are logged', () => count(server.output(), 'redis is not set up as') === 2);
      const logged = server
        .output()
        .split('\n')
        .filter((line) => line.includes('"finding"'))
        .map((line) => JSON.parse(line))
        .map(({ finding, expected, got, level }) => [level, finding, expected, got]);
      assert.deepEqual(logged, [
        [40, 'maxmemory_policy', 'noeviction', 'allkeys-lru'],
        [40, 'append_only_file', 'appendonly yes', 'appendonly no'],
      ]);
      for (const [finding, value] of [
        ['maxmemory_policy', 1],
        ['append_only_file', 1],
        ['version', 0],
      ] as const)
        assert.equal(await sample(server.url, 'asdlc_redis_misconfigured', { finding }), value);
    }
  });
});
