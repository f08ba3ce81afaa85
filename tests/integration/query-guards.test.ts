import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { before, describe, it } from 'node:test';
import { faultyTsdb, rangePath, sendJson } from '../support/faulty-tsdb.ts';
import { request } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { startFilledPrometheus } from '../support/tsdb.ts';
import { until } from '../support/until.ts';

const API_TOKEN = 'a-secret-of-the-team';
const authorized = { authorization: `Bearer ${API_TOKEN}` };

describe('the query API with a token', () => {
  const tsdb = faultyTsdb({ API_TOKEN, QUERY_CORS_ORIGINS: 'https://a.example' });

  it('asks for it on each of its routes, and passes nothing on without it', async () => {
    const { body } = await request(`${tsdb.url}/openapi.json`);
    const paths = Object.entries<Record<string, { security?: unknown }>>(body.paths);
    for (const [path, methods] of paths.filter(([path]) => path.startsWith('/api/'))) {
      for (const [method, { security }] of Object.entries(methods)) {
        const url = `${tsdb.url}${path.replace('{name}', 'cpu').replace('{id}', 'x')}`;
        for (const headers of [{}, { authorization: 'Bearer a-secret-of-the-tean' }]) {
          const answer = await request(url, { method: method.toUpperCase(), headers });
          assert.equal(answer.status, 401, `${method} ${path}`);
        }
        assert.deepEqual(security, [{ token: [] }], `${method} ${path}`);
      }
    }
    assert.equal(tsdb.arrived, 0);
    tsdb.answer = (_, response) => sendJson(response);
    assert.equal((await request(`${tsdb.url}${rangePath()}`, { headers: authorized })).status, 200);
  });

  it('answers the preflight of a page of another origin without it', async () => {
    const answer = await request(`${tsdb.url}${rangePath()}`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://a.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization',
      },
    });
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.get('access-control-allow-origin'), 'https://a.example');
    assert.match(answer.headers.get('access-control-allow-headers') ?? '', /authorization/);
    const refused = await request(`${tsdb.url}${rangePath()}`, { headers: { origin: 'https://a.example' } });
    assert.deepEqual(
      [refused.status, refused.headers.get('access-control-allow-origin')],
      [401, 'https://a.example'],
    );
  });
});

describe('the rate limit of the query API', () => {
  const tsdb = faultyTsdb({ API_TOKEN, QUERY_RATE_LIMIT: '5', TRUSTED_PROXIES: '127.0.0.1' });
  const ask = (path: string, address: string, token = API_TOKEN) =>
    request(`${tsdb.url}${path}`, {
      headers: { authorization: `Bearer ${token}`, 'x-forwarded-for': address },
    });

  it('holds each address to it, also where the token is wrong or nothing is found', async () => {
    tsdb.answer = (_, response) => sendJson(response);
    const attempts: [string, string, number][] = [
      [rangePath(), API_TOKEN, 200],
      ['/api/metrics/nothing', API_TOKEN, 404],
      ['/api/metrics/query', 'a-guess-at-the-token', 401],
    ];
    for (const [i, [path, token, expected]] of attempts.entries()) {
      const address = `192.0.2.${i}`;
      for (let n = 0; n < 5; n++) assert.equal((await ask(path, address, token)).status, expected);
      const { status, body, headers } = await ask(path, address, token);
      assert.deepEqual([status, body.status, body.errorType], [429, 'error', 'too_many_requests']);
      const retryAfter = Number(headers.get('retry-after'));
      assert.ok(retryAfter > 0 && retryAfter <= 60, `${retryAfter}`);
    }
    assert.equal((await ask(rangePath(), '192.0.2.99')).status, 200);
    const { body } = await request(`${tsdb.url}/metrics`);
    for (const endpoint of ['query_range', 'unmatched', 'query']) {
      const series = `endpoint="${endpoint}",reason="rate_limit"`;
      assert.match(body, new RegExp(`^asdlc_query_rejected_total\\{.*${series}\\} 1$`, 'm'));
    }
  });
});

describe('queries that hold their places', () => {
  const tsdb = faultyTsdb({
    QUERY_CONCURRENCY: '2',
    VICTORIAMETRICS_QUERY_TIMEOUT: '20',
    VICTORIAMETRICS_HEALTH_TIMEOUT: '2',
  });
  const large = JSON.stringify({ status: 'success', data: 'x'.repeat(30_000_000) });

  /** Asks and reads nothing of the answer, whose end is answered: the error that it is cut off with. */
  async function askWithoutReading(query: string): Promise<{ readonly end: () => Promise<string> }> {
    const asked = get(`${tsdb.url}${rangePath({ query })}`);
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const cut = new Promise<string>((resolve) => {
      response.once('error', (error) => resolve(error.message)).once('end', () => resolve('nothing'));
    });
    // What is in the socket's buffers is read only now, and after it the end.
    const end = () => {
      response.resume();
      return cut;
    };
    return { end };
  }

  it('do not make the TSDB look unhealthy', async () => {
    tsdb.answer = ({ url = '' }, response) => {
      // What asks whether it is there asks by GET or POST of the query 1.
      if (url.startsWith('/api/v1/query_range')) return;
      sendJson(response, '{"status":"success","data":{"resultType":"scalar","result":[]}}');
    };
    const callers = [new AbortController(), new AbortController()];
    const asked = callers.map(({ signal }, i) =>
      request(`${tsdb.url}${rangePath({ query: `hold_${i}` })}`, { signal }).catch(() => undefined),
    );
    await until('both are at the TSDB', () => tsdb.arrived === 2);
    tsdb.answer = (_, response) =>
      sendJson(response, '{"status":"success","data":{"result":[{"metric":{},"value":[1,"1"]}]}}');
    const { status, body } = await request(`${tsdb.url}/api/metrics/health`);
    assert.deepEqual([status, body.status], [200, 'healthy'], JSON.stringify(body));
    for (const caller of callers) caller.abort();
    await Promise.all(asked);
  });

  it('are cut off when they read nothing, so that others have their turn', async () => {
    tsdb.answer = (_, response) => sendJson(response, large);
    const held = await Promise.all([askWithoutReading('idle_0'), askWithoutReading('idle_1')]);
    tsdb.answer = (_, response) => sendJson(response);
    assert.equal((await request(`${tsdb.url}${rangePath({ query: 'next' })}`)).status, 200);
    // The first place that was free was enough: the other may yet have read its answer.
    const ends = await Promise.all(held.map(({ end }) => end()));
    assert.ok(ends.includes('aborted'), `${ends}`);
  });

  it('go on at the pace of those who read when another does not', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<() => void>();
    tsdb.answer = (_, response) => resolve(() => sendJson(response, large));
    const idle = askWithoutReading('shared');
    const send = await asked;
    const headers = { 'accept-encoding': 'identity' }; // as the other has it
    const reader = request(`${tsdb.url}${rangePath({ query: 'shared' })}`, { headers });
    await until('the reader joined', async () => {
      const { body } = await request(`${tsdb.url}/metrics`);
      return /^asdlc_query_coalesced_total\{.*\} 1$/m.test(body);
    });
    send();
    const { status, body } = await reader;
    assert.deepEqual([status, body.data.length], [200, 30_000_000]);
    assert.match(await (await idle).end(), /aborted/);
  });
});

describe('what the query API logs', () => {
  const scope = suiteScope();
  let orchestrator: RunningServer;
  let url: string;

  before(async () => {
    const redis = await startRedis(scope);
    const env = { REDIS_URL: redis.url, VICTORIAMETRICS_URL: 'http://user:hidden@127.0.0.1:1', API_TOKEN };
    orchestrator = await startOrchestrator(scope, { ...env, QUERY_SLOW_SECONDS: '0.000001' });
    url = orchestrator.url;
  });
  const lines = () =>
    orchestrator
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));

  it('is a slow query on one line, without what its strings hold, tokens and passwords', async () => {
    const query = 'sum(\n  t{user="4711"} # about 4711\n)';
    await request(`${url}${rangePath({ query })}`, { headers: authorized });
    const line = await until('it is logged', () => lines().find(({ msg }) => msg === 'slow query'));
    assert.deepEqual([line.endpoint, line.status, line.query], ['query_range', 503, 'sum( t{user="?"} )']);
    assert.doesNotMatch(orchestrator.output(), /4711|a-secret-of-the-team|hidden/);
  });

  it('is once that the TSDB is away, however many ask it', async () => {
    for (let i = 0; i < 20; i++) await request(`${url}${rangePath()}`, { headers: authorized });
    const away = lines().filter(({ msg }) => msg === 'the TSDB does not answer');
    assert.equal(away.length, 1);
  });
});

describe('the query API for MetricsQL', () => {
  const tsdb = faultyTsdb({ QUERY_DIALECT: 'metricsql' });

  it('leaves the parsing to VictoriaMetrics, and restricts by its filter', async () => {
    const forms: string[] = [];
    tsdb.answer = (asked, response) => {
      asked.setEncoding('utf8').on('data', (form) => forms.push(form));
      sendJson(response, '{"status":"success","data":{"result":[{"metric":{},"value":[1,"1"]}]}}');
    };
    const query = 'WITH (x = up) x keep_metric_names';
    const { status } = await request(`${tsdb.url}${rangePath({ query, service: 'a' })}`);
    assert.equal(status, 200);
    assert.equal(new URLSearchParams(forms[0]).get('query'), 'now()');
    const asked = new URLSearchParams(forms[1]);
    assert.deepEqual([asked.get('query'), asked.get('extra_label')], [query, 'service=a']);
  });

  it('refuses service= in front of Prometheus, which has no such filter', async (t) => {
    const [redis, prometheus] = await Promise.all([startRedis(t), startFilledPrometheus(t)]);
    const { url } = await startOrchestrator(t, {
      REDIS_URL: redis.url,
      VICTORIAMETRICS_URL: prometheus.url,
      QUERY_DIALECT: 'metricsql',
    });
    const refused = await request(`${url}${rangePath({ service: 'a' })}`);
    assert.deepEqual([refused.status, refused.body.errorType], [400, 'bad_data']);
    assert.match(refused.body.error, /^service: expected VictoriaMetrics/);
    assert.equal((await request(`${url}${rangePath()}`)).status, 200);
  });
});
