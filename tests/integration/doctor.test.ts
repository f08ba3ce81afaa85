import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { before, describe, it } from 'node:test';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { callCli } from '../support/cli.ts';
import {
  freePort,
  HANDLERS,
  startOrchestrator,
  startRedis,
  startVictoriaMetrics,
  startWorkers,
} from '../support/processes.ts';
import { type Scope, suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

async function findings(env: NodeJS.ProcessEnv): Promise<{ code: number | null; found: Finding[] }> {
  const { code, out, err } = await callCli(['doctor', '--json'], { env });
  assert.equal(err, '');
  return { code, found: JSON.parse(out) };
}

const named = (found: readonly Finding[], check: string) => {
  const finding = found.find((each) => each.check === check);
  assert.ok(finding, `${check} in ${JSON.stringify(found)}`);
  return finding;
};

describe('asdlc doctor on a good set-up', () => {
  const scope = suiteScope();
  let env: NodeJS.ProcessEnv;

  before(async () => {
    env = await startAll(scope);
  });

  it('finds everything in order', async () => {
    const { found } = await until(
      'both services are scraped',
      async () => {
        const all = await findings(env);
        assert.deepEqual(
          all.found.filter(({ status }) => status !== 'ok'),
          [],
        );
        return all.code === 0 && all;
      },
      60_000,
    );
    assert.equal(named(found, 'Redis: role').found, 'primary, writable');
    assert.match(named(found, 'Redis: version').found, /^\d+\.\d+/);
    assert.equal(named(found, 'Redis: append-only file').found, 'on');
    assert.equal(named(found, 'Redis: maxmemory-policy').found, 'noeviction');
    assert.match(named(found, 'Redis: latency').found, /ms for a round trip/);
    assert.match(named(found, 'Redis: clock').found, /^0\.\d\d s (ahead of|behind) this machine$/);
    assert.match(named(found, 'TSDB: clock').found, /this machine$/);
    assert.match(named(found, 'Scrapes of asdlc-workers').found, /^the newest sample is \d+ s old$/);
    assert.match(named(found, `Port ${env.WORKERS_PORT}`).found, /^asdlc-workers \S+ is healthy$/);
    assert.match(named(found, 'Orchestrator').found, /anonymous may metrics:read, tasks:read/);
    assert.match(named(found, 'Handlers').found, /handlers\.ts: .*\becho\b/);
    assert.match(named(found, 'Disk').found, /GiB free/);
  });

  it('shows that to a person', async () => {
    const { code, out } = await callCli(['doctor'], { env });
    assert.equal(code, 0, out);
    assert.match(out, /^✓ Node +24\.\d+\.\d+$/m);
    assert.match(out, /^problems: 0, warnings: \d+, in order: \d+$/m);
  });
});

describe('asdlc doctor on a broken set-up', () => {
  it('says what is wrong with Redis, and what to do', async (t) => {
    const primary = await startRedis(t);
    const wrong = ['--maxmemory-policy', 'allkeys-lru', '--maxmemory', '4mb'];
    const redis = await startRedis(t, undefined, [
      ...wrong,
      '--replicaof',
      '127.0.0.1',
      String(primary.port),
    ]);
    const { code, found } = await findings({ REDIS_URL: redis.url });
    assert.equal(code, 1);
    const policy = named(found, 'Redis: maxmemory-policy');
    assert.equal(policy.status, 'problem');
    assert.equal(policy.found, 'expected noeviction; got allkeys-lru');
    assert.match(policy.advice ?? '', /maxmemory-policy noeviction/);
    assert.match(named(found, 'Redis: role').found, /^not writable: this server is a replica/);
    const file = named(found, 'Redis: append-only file');
    assert.deepEqual([file.status, file.found], ['warning', 'expected appendonly yes; got appendonly no']);
  });

  it('says what does not answer', async () => {
    const nothing = await freePort();
    const { code, found } = await findings({
      REDIS_URL: `redis://127.0.0.1:${nothing}`,
      VICTORIAMETRICS_URL: `http://user:secret@127.0.0.1:${nothing}`,
      ASDLC_URL: `http://127.0.0.1:${nothing}`,
    });
    assert.equal(code, 1);
    assert.equal(named(found, 'Redis').status, 'problem');
    assert.match(named(found, 'Redis').found, /does not answer: connect ECONNREFUSED/);
    assert.match(named(found, 'TSDB').found, /does not answer: connect ECONNREFUSED/);
    assert.equal(named(found, 'Orchestrator').status, 'warning');
    assert.doesNotMatch(JSON.stringify(found), /secret/);
  });

  it('says that no scrape arrives', async (t) => {
    const { url } = await startVictoriaMetrics(t);
    const { found } = await findings({ VICTORIAMETRICS_URL: url });
    assert.match(named(found, 'TSDB').found, new RegExp(`^${url} `));
    for (const service of ['asdlc-orchestrator', 'asdlc-workers']) {
      const { status, found: text, advice } = named(found, `Scrapes of ${service}`);
      assert.deepEqual([status, text], ['problem', 'none within the last 5 min']);
      assert.match(advice ?? '', /SCRAPE_CONFIG\.md/);
    }
  });

  it('names a port that another program has, and an address that is no orchestrator', async (t) => {
    const server = createServer((_, response) => response.end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const { port } = server.address() as { port: number }; // it listens on a port
    const env = { ORCHESTRATOR_PORT: String(port), ASDLC_URL: `http://127.0.0.1:${port}` };
    const { found } = await findings({ ...env, WORKERS_PORT: String(await freePort()) });
    assert.equal(named(found, `Port ${port}`).found, 'another program listens there');
    assert.match(
      named(found, 'Orchestrator').found,
      /answered with status 200; expected that of an orchestrator/,
    );
  });

  it('says what is wrong with the handlers', async () => {
    const { found } = await findings({ WORKER_HANDLERS: 'package.json' });
    assert.equal(named(found, 'Handlers').status, 'problem');
    assert.match(named(found, 'Handlers').found, /WORKER_HANDLERS: .*package\.json cannot be loaded/);
  });

  it('says which token is missing, and what an unhealthy service misses', async (t) => {
    const redis = await startRedis(t);
    const api = await startOrchestrator(t, { REDIS_URL: redis.url, API_TOKEN: 'a-token-of-this' });
    await redis.stop();
    const env = { ASDLC_URL: api.url, ORCHESTRATOR_PORT: String(api.port) };
    const { found } = await findings(env);
    assert.match(named(found, 'Orchestrator').found, /refuses requests without a token$/);
    assert.match(named(found, `Port ${api.port}`).found, /^asdlc-orchestrator \S+ is unhealthy: redis: /);
    const again = await findings({ ...env, ASDLC_TOKEN: 'a-token-of-this' });
    assert.match(named(again.found, 'Orchestrator').found, /may metrics:read/);
  });

  it('names bad and unknown variables', async () => {
    const { code, found } = await findings({ WORKER_POOL_SIZE: 'many', WORKER_POLL_SIZE: '3' });
    assert.equal(code, 1);
    const variables = found.filter(({ check }) => check === 'Variables');
    assert.deepEqual(
      variables.map(({ status, found: text }) => [status, text]),
      [
        ['warning', 'asdlc does not know the variable WORKER_POLL_SIZE. Did you mean WORKER_POOL_SIZE?'],
        ['problem', 'WORKER_POOL_SIZE: expected a whole number from 1 to 1000; got "many"'],
      ],
    );
  });
});

/** Starts Redis, a TSDB that scrapes, and both services. Returns the variables that lead to them. */
async function startAll(scope: Scope): Promise<NodeJS.ProcessEnv> {
  const [orchestratorPort, workersPort] = [await freePort(), await freePort()];
  const redis = await startRedis(scope, undefined, ['--appendonly', 'yes']);
  const tsdb = await startVictoriaMetrics(
    scope,
    `global: { scrape_interval: 1s }
scrape_configs:
  - job_name: asdlc
    static_configs: [{ targets: ['127.0.0.1:${orchestratorPort}', '127.0.0.1:${workersPort}'] }]
`,
  );
  const servers = { REDIS_URL: redis.url, VICTORIAMETRICS_URL: tsdb.url };
  const { url } = await startOrchestrator(scope, { ...servers, SERVICE_PORT: String(orchestratorPort) });
  await startWorkers(scope, { ...servers, SERVICE_PORT: String(workersPort) });
  return {
    ...servers,
    ASDLC_URL: url,
    ORCHESTRATOR_PORT: String(orchestratorPort),
    WORKERS_PORT: String(workersPort),
    WORKER_HANDLERS: HANDLERS,
  };
}
