import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { faultyTsdb, rangePath, sendJson } from '../support/faulty-tsdb.ts';
import { request } from '../support/http.ts';
import { startOrchestrator, startRedis } from '../support/processes.ts';
import { startFilledPrometheus } from '../support/tsdb.ts';
import { until } from '../support/until.ts';

const API_TOKEN = 'a-secret-of-the-team';
const authorized = { authorization: `Bearer ${API_TOKEN}` };

describe('the query API with a token', () => {
  const tsdb = faultyTsdb({ API_TOKEN, QUERY_CORS_ORIGINS: 'https://a.example' });

  it('requires the token on each route, and sends nothing to the TSDB without it', async () => {
    tsdb.answer = (_, response) => sendJson(response);
    assert.equal((await request(`${tsdb.url}${rangePath()}`, { headers: authorized })).status, 200);
    const { body } = await request(`${tsdb.url}/openapi.json`);
    const paths = Object.entries<Record<string, { security?: unknown }>>(body.paths);
    for (const [path, methods] of paths.filter(([path]) => path.startsWith('/api/'))) {
      for (const [method, { security }] of Object.entries(methods)) {
        const url = `${tsdb.url}${path.replace('{name}', 'cpu').replace('{id}', 'x')}`;
        assert.equal((await request(url, { method: method.toUpperCase() })).status, 401, `${method} ${path}`);
        const headers = { authorization: 'Bearer a-secret-of-the-tean' };
        const wrong = await request(url, { method: method.toUpperCase(), headers });
        assert.ok([401, 429].includes(wrong.status), `${wrong.status} for ${method} ${path}`);
        assert.deepEqual(security, [{ token: [] }], `${method} ${path}`);
      }
    }
    assert.equal(tsdb.arrived, 1);
    assert.equal((await request(`${tsdb.url}${rangePath()}`, { headers: authorized })).status, 200);
  });

  it('answers a preflight from another origin without the token', async () => {
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

  it('applies to each address, also for wrong tokens and unknown routes', async () => {
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

describe('queries that hold their turn', () => {
  const tsdb = faultyTsdb({
    QUERY_CONCURRENCY: '2',
    VICTORIAMETRICS_QUERY_TIMEOUT: '20',
    VICTORIAMETRICS_HEALTH_TIMEOUT: '2',
  });
  const large = JSON.stringify({ status: 'success', data: 'x'.repeat(30_000_000) });

  /** Sends a query and reads nothing of the response. `end` reads the rest and returns the error that cut it off. */
  async function askWithoutReading(query: string): Promise<{ readonly end: () => Promise<string> }> {
    const asked = get(`${tsdb.url}${rangePath({ query })}`);
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const cut = new Promise<string>((resolve) => {
      response.once('error', (error) => resolve(error.message)).once('end', () => resolve('nothing'));
    });
    // The socket's buffers must be read before the end can be seen.
    const end = () => {
      response.resume();
      return cut;
    };
    return { end };
  }

  it('do not make the TSDB look unhealthy', async () => {
    tsdb.answer = ({ url = '' }, response) => {
      // The health probe sends the instant query 1.
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

  it('are cut off when their callers read nothing, so that others get a turn', async () => {
    tsdb.answer = (_, response) => sendJson(response, large);
    const held = await Promise.all([askWithoutReading('idle_0'), askWithoutReading('idle_1')]);
    tsdb.answer = (_, response) => sendJson(response);
    assert.equal((await request(`${tsdb.url}${rangePath({ query: 'next' })}`)).status, 200);
    // One free turn is enough for the next query: the other caller may still have read all.
    const ends = await Promise.all(held.map(({ end }) => end()));
    assert.ok(ends.includes('aborted'), `${ends}`);
  });

  it('go on for callers that read when another caller does not', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<() => void>();
    tsdb.answer = (_, response) => resolve(() => sendJson(response, large));
    const idle = askWithoutReading('shared');
    const send = await asked;
    const headers = { 'accept-encoding': 'identity' }; // as the other caller's request
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

describe('the log of the query API', () => {
  it('says once that the TSDB is away, however many queries fail, and shows no password', async (t) => {
    const redis = await startRedis(t);
    const env = { REDIS_URL: redis.url, VICTORIAMETRICS_URL: 'http://user:hidden@127.0.0.1:1', API_TOKEN };
    const { url, output } = await startOrchestrator(t, env);
    for (let i = 0; i < 20; i++) await request(`${url}${rangePath()}`, { headers: authorized });
    assert.equal(output().split('"msg":"the TSDB does not answer"').length - 1, 1);
    assert.doesNotMatch(output(), /a-secret-of-the-team|hidden/);
  });
});

describe('the query API for MetricsQL', () => {
  const tsdb = faultyTsdb({ QUERY_DIALECT: 'metricsql' });

  it('lets VictoriaMetrics parse queries, and restricts them by its filter', async () => {
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

  it('refuses service= in front of Prometheus, which lacks that filter', async (t) => {
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
