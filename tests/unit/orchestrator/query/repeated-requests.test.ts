import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { pino } from 'pino';
import { MetricsRegistry, prometheusMiddleware } from '../../../../src/infrastructure/metrics/index.ts';
import { NO_ALERTS } from '../../../../src/orchestrator/query/alerts/alerts-source.ts';
import { queryApi } from '../../../../src/orchestrator/query/query-api.ts';
import { createQueryMetrics } from '../../../../src/orchestrator/query/query-metrics.ts';
import { RepeatedRequests } from '../../../../src/orchestrator/query/repeated-requests.ts';
import { createTsdb } from '../../../../src/orchestrator/query/tsdb.ts';
import { loadOrchestratorConfig } from '../../../../src/shared/config.ts';
import { AccessControl } from '../../../../src/shared/service/access/access-control.ts';
import { fullToken } from '../../../../src/shared/service/access/tokens.ts';
import { createHttpServer } from '../../../../src/shared/service/http-server.ts';
import { findSample } from '../../../support/http.ts';
import { until } from '../../../support/until.ts';

const BODY = '{"status":"success","data":{"resultType":"matrix","result":[]}}';
const UNSETTLED = '/api/metrics/query_range?query=up&start=4500000000&end=4500000600&step=15';
const SETTLED = '/api/metrics/query_range?query=up&start=1500000000&end=1500000600&step=15';

interface Reply {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Sends as it is told: fetch would add headers. */
function ask(
  url: string,
  headers: Record<string, string> = {},
  method = 'GET',
  signal?: AbortSignal,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    send(url, { method, headers, agent: false, ...(signal && { signal }) }, async (response) => {
      const body = Buffer.concat(await response.toArray()).toString();
      resolve({ status: response.statusCode, headers: response.headers, body });
    })
      .on('error', reject)
      .end();
  });
}

async function startQueryApi(t: TestContext, tokens: readonly string[] = []) {
  const state = { isStopping: false, isHeld: false, routed: 0 };
  const held: ServerResponse[] = [];
  const tsdb = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    if (state.isHeld) held.push(response);
    else response.end(BODY);
    request.resume();
  }).listen(0, '127.0.0.1');
  await until('the TSDB listens', () => tsdb.listening);
  const { port } = tsdb.address() as AddressInfo;
  const logger = pino({ level: 'silent' });
  const config = loadOrchestratorConfig({
    VICTORIAMETRICS_URL: `http://127.0.0.1:${port}`,
    QUERY_CACHE_SECONDS: '60',
  });
  const registry = new MetricsRegistry();
  const metrics = createQueryMetrics(registry, 'test');
  const { client, close, ...probes } = createTsdb(config, { observer: metrics.observer, logger });
  const access = new AccessControl(
    tokens.map((token) => fullToken(token, token)),
    logger,
  );
  const app = createHttpServer(logger);
  await app.register(prometheusMiddleware, { registry, service: 'test' });
  app.addHook('onRequest', async () => {
    state.routed += 1;
  });
  const isStopping = () => state.isStopping;
  const repeated = new RepeatedRequests({ tsdb: client, access, metrics, isStopping });
  repeated.answerFirst(app);
  await app.register(queryApi, {
    prefix: '/api/metrics',
    tsdb: client,
    ...probes,
    metrics,
    alerts: NO_ALERTS,
    authorize: access.require('metrics:read'),
    dialect: 'promql',
    flags: {},
    rateLimit: 0,
    scrapeIntervalSeconds: 15,
    repeated,
    isStopping,
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  t.after(async () => {
    await app.close();
    await close();
    tsdb.close();
  });
  /** How many of these requests the router saw. */
  const routedOf = async (requests: () => Promise<unknown>) => {
    const before = state.routed;
    await requests();
    return state.routed - before;
  };
  /** Asks until the result is kept, and the request is remembered. */
  const remember = async (headers: Record<string, string> = {}) => {
    for (let i = 0; i < 3; i++) assert.equal((await ask(url + SETTLED, headers)).status, 200);
    assert.equal(await routedOf(() => ask(url + SETTLED, headers)), 0);
  };
  const inProgress = async () => findSample(await registry.metrics(), 'asdlc_http_requests_in_progress', {});
  /** Asks for what is not settled, so often at the same time, and ends the answer of the TSDB. */
  const askTogether = async (
    count: number,
    end: (response: ServerResponse) => void,
    { firstGoes = false } = {},
  ) => {
    state.isHeld = true;
    const leaving = new AbortController();
    const first = ask(url + UNSETTLED, {}, 'GET', leaving.signal).catch(() => undefined);
    await until('the TSDB is asked', () => held.length === 1);
    const others = Array.from({ length: count - 1 }, () => ask(url + UNSETTLED));
    await until('all have come', async () => (await inProgress()) === count);
    if (firstGoes) {
      leaving.abort();
      await until('it has gone', async () => (await inProgress()) === count - 1);
    }
    for (const response of held.splice(0)) end(response);
    return Promise.all([first, ...others]);
  };
  return { url: url + SETTLED, state, access, registry, routedOf, remember, askTogether };
}

describe('a repeated request', () => {
  it('gets the same response before it is routed, and is counted as the others are', async (t) => {
    const { url, registry, routedOf, remember } = await startQueryApi(t);
    const routed = await ask(url);
    await remember();
    assert.equal(
      await routedOf(async () => {
        const again = await ask(url);
        assert.equal(again.body, routed.body);
        const varying = { date: '', 'cache-control': '' };
        assert.deepEqual({ ...again.headers, ...varying }, { ...routed.headers, ...varying });
        assert.match(again.headers['cache-control'] ?? '', /^private, max-age=\d+$/);
      }),
      0,
    );
    const counts = async () => {
      const text = await registry.metrics();
      const endpoint = '/api/metrics/query_range';
      return [
        findSample(text, 'asdlc_http_requests_total', { method: 'GET', endpoint, status: '200' }),
        findSample(text, 'asdlc_query_requests_total', { endpoint: 'query_range', code: '200' }),
        findSample(text, 'asdlc_http_requests_in_progress', {}),
      ];
    };
    await until('all six are counted', async () => `${await counts()}` === '6,6,0');
  });

  it('is routed when anything in it differs', async (t) => {
    const { url, routedOf, remember } = await startQueryApi(t);
    await remember();
    const others: [string, Record<string, string>, string?][] = [
      [`${url}&limit=1`, {}],
      [url, { host: 'localhost' }],
      [url, { host: 'foreign.example.com' }],
      [url, { 'accept-encoding': 'gzip' }],
      [url, { authorization: 'Bearer x' }],
      [url, { origin: 'http://elsewhere.example.com' }],
      [url, { 'x-forwarded-host': 'elsewhere.example.com' }],
      [url, { 'x-forwarded-for': '1.2.3.4' }],
      [url, { 'content-length': '0' }],
      [url, {}, 'HEAD'],
      [url, {}, 'POST'],
      [url, {}, 'DELETE'],
    ];
    for (const [at, headers, method] of others) {
      assert.equal(await routedOf(() => ask(at, headers, method)), 1, JSON.stringify([at, headers, method]));
    }
    assert.equal(await routedOf(() => ask(url)), 0);
  });

  it('is refused when its token is gone, and without it', async (t) => {
    const { url, access, remember } = await startQueryApi(t, ['one', 'other']);
    const [one, other] = ['one', 'other'].map((token) => ({ authorization: `Bearer ${token}` }));
    await remember(one);
    await remember(other);
    assert.equal((await ask(url)).status, 401);
    assert.equal((await ask(url, { authorization: 'Bearer onf' })).status, 401);
    access.replaceTokens([fullToken('other', 'other')]);
    assert.equal((await ask(url, one)).status, 401);
    assert.equal((await ask(url, other)).status, 200);
    access.replaceTokens([]);
    assert.equal((await ask(url, one)).status, 200);
  });

  it('is routed while the server stops', async (t) => {
    const { url, state, routedOf, remember } = await startQueryApi(t);
    await remember();
    state.isStopping = true;
    assert.equal(await routedOf(async () => assert.equal((await ask(url)).headers.connection, 'close')), 1);
  });
});

describe('the same request from several clients at once', () => {
  const CLIENTS = 20;

  it('is routed and sent to the TSDB once, and all get the same response', async (t) => {
    const { routedOf, askTogether } = await startQueryApi(t);
    const routed = await routedOf(async () => {
      const [first, ...others] = await askTogether(CLIENTS, (response) => response.end(BODY));
      for (const reply of others) {
        assert.deepEqual([reply?.status, reply?.body], [200, BODY]);
        assert.deepEqual({ ...reply?.headers, date: '' }, { ...first?.headers, date: '' });
      }
    });
    assert.equal(routed, 1);
  });

  it('fails for all in the same way', async (t) => {
    const { askTogether } = await startQueryApi(t);
    const [first, ...others] = await askTogether(CLIENTS, (response) => response.writeHead(503).end());
    assert.equal(first?.status, 503);
    assert.match(first.body, /"errorType":"unavailable"/);
    for (const reply of others) {
      assert.deepEqual([reply?.status, reply?.body], [503, first.body]);
      assert.deepEqual({ ...reply?.headers, date: '' }, { ...first.headers, date: '' });
    }
  });

  it('gets a large body as a stream', async (t) => {
    const { askTogether } = await startQueryApi(t);
    const large = BODY.replace('[]', `[${'1,'.repeat(1_000_000)}1]`);
    for (const reply of await askTogether(CLIENTS, (response) => response.end(large))) {
      assert.equal(reply?.status, 200);
      assert.ok(reply.body === large);
    }
  });

  it('goes on when the first client goes', async (t) => {
    const { askTogether } = await startQueryApi(t);
    const [first, ...others] = await askTogether(CLIENTS, (response) => response.end(BODY), {
      firstGoes: true,
    });
    assert.equal(first, undefined);
    for (const reply of others) assert.deepEqual([reply?.status, reply?.body], [200, BODY]);
  });
});
