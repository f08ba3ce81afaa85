import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { request, sample, taskIn } from '../support/http.ts';
import { startKeyedLoad, submitKeyed } from '../support/keyed-load.ts';
import {
  freePort,
  type RunningServer,
  startOrchestrator,
  startProcess,
  startRedis,
  startWorkers,
  temporaryFolder,
} from '../support/processes.ts';
import {
  adminOf,
  makeCertificates,
  startCluster,
  startReplica,
  startSentinel,
} from '../support/redis-servers.ts';
import { until } from '../support/until.ts';

const BEFORE = 20;

/**
 * Runs both services under a load of keyed submissions, and lets Redis fail over in its midst. Then all that was
 * submitted, sent again under its key, must complete.
 */
async function assertSurvives(t: TestContext, env: NodeJS.ProcessEnv, failOver: () => Promise<unknown>) {
  const [orchestrator, workers] = await Promise.all([startOrchestrator(t, env), startWorkers(t, env)]);
  const load = startKeyedLoad(orchestrator.url);
  await until('some tasks are accepted', () => load.accepted > BEFORE);
  await failOver();
  const before = load.accepted;
  await until('tasks are accepted again', () => load.accepted > before + BEFORE);
  const ids = await load.stop();
  // Redis may lose what it acknowledged in the last moment before it was killed. The key makes up for it.
  for (const key of ids.keys()) await submitKeyed(orchestrator.url, key);
  for (const id of ids.values()) await taskIn(orchestrator.url, id, ['completed'], 30_000);
  for (const { url } of [orchestrator, workers]) {
    await until('it is ready', async () => (await request(`${url}/health/ready`)).status === 200);
    assert.equal(await sample(url, 'asdlc_redis_connection_up'), 1);
  }
  return { orchestrator, workers };
}

describe('a failover under load', () => {
  it('of a Redis Cluster: by hand, and when its primary is killed', async (t) => {
    const cluster = await startCluster(t, '{asdlc}');
    const env = { REDIS_URL: cluster.url, REDIS_MODE: 'cluster' };
    await assertSurvives(t, env, async () => {
      await cluster.replica.call('CLUSTER', 'FAILOVER');
      await until('the replica is a primary', async () =>
        (await cluster.replica.info('replication')).includes('role:master'),
      );
    });
    const promoted = cluster.nodes[3] as RunningServer; // the last of the four
    await until('the old primary is a replica in step', async () =>
      (await cluster.primary.info('replication')).includes('master_link_status:up'),
    );
    await assertSurvives(t, { ...env, SERVICE_NAME: 'second' }, () => promoted.stop('SIGKILL'));
  });

  it('of a primary that Sentinels watch, with passwords', async (t) => {
    const args = ['--requirepass', 'data', '--masterauth', 'data'];
    const primary = await startRedis(t, undefined, args);
    const auth = (url: string) => url.replace('redis://', 'redis://:data@');
    const replica = await startReplica(t, primary.port, args, auth);
    const sentinel = await startSentinel(t, primary.port, { redis: 'data', sentinel: 'watch' });
    const watcher = adminOf(t, `redis://:watch@127.0.0.1:${sentinel.port}`);
    await until('the sentinel knows the replica', async () =>
      String(await watcher.call('SENTINEL', 'replicas', 'queue')).includes(String(replica.port)),
    );
    const gone = await freePort();
    const env = {
      REDIS_URL: `redis://:data@127.0.0.1:${gone},127.0.0.1:${sentinel.port}/0`,
      REDIS_MODE: 'sentinel',
      REDIS_SENTINEL_MASTER: 'queue',
      REDIS_SENTINEL_PASSWORD: 'watch',
    };
    await assertSurvives(t, env, () => primary.stop('SIGKILL'));
  });
});

describe('a restart under load', () => {
  it('of a Redis on a unix socket', async (t) => {
    const folder = await temporaryFolder(t);
    const socket = join(folder, 'redis.sock');
    const start = () => startServer(t, ['--port', '0', '--unixsocket', socket, '--dir', folder]);
    const redis = await start();
    const { orchestrator } = await assertSurvives(t, { REDIS_URL: `unix://${socket}?db=1` }, async () => {
      await redis.stop('SIGKILL');
      await start();
    });
    assert.ok(orchestrator.output().includes(`"redis":"unix://${socket}?db=1"`));
  });

  it('of a Redis that asks for a certificate of its own CA', async (t) => {
    const { ca, server, client } = await makeCertificates(t);
    const [folder, port] = [await temporaryFolder(t), await freePort()];
    const files = ['--tls-cert-file', server.cert, '--tls-key-file', server.key, '--tls-ca-cert-file', ca];
    const start = () =>
      startServer(t, ['--port', '0', '--tls-port', String(port), ...files, '--dir', folder]);
    const redis = await start();
    const REDIS_URL = `rediss://127.0.0.1:${port}`;
    const env = {
      REDIS_URL,
      REDIS_TLS_CA_FILE: ca,
      REDIS_TLS_CERT_FILE: client.cert,
      REDIS_TLS_KEY_FILE: client.key,
    };
    await assertSurvives(t, env, async () => {
      await redis.stop('SIGKILL');
      await start();
    });
    const unknown = await startOrchestrator(t, { REDIS_URL }, 'live');
    const { body } = await until('it names the certificate', async () => {
      const answer = await request(`${unknown.url}/health/ready`);
      return answer.body.checks.redis.error?.includes('certificate') && answer;
    });
    assert.match(body.checks.redis.error, /^not connected: .*certificate/);
  });
});

async function startServer(t: TestContext, args: readonly string[]) {
  const fixed = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
  const running = startProcess(t, 'redis-server', [...fixed, ...args]);
  await until('redis accepts connections', () =>
    /Ready to accept connections|now ready to accept connections/.test(running.output()),
  );
  return running;
}
