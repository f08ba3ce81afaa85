import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { before, describe, it } from 'node:test';
import { request, sample } from '../support/http.ts';
import {
  type RunningServer,
  startOrchestrator,
  startRedis,
  startVictoriaMetrics,
} from '../support/processes.ts';
import { type Scope, suiteScope } from '../support/scope.ts';
import { importSamples } from '../support/tsdb.ts';
import { until } from '../support/until.ts';

/** Starts a server that shows faults which a real TSDB cannot show. */
async function startFaultyUpstream(scope: Scope, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  scope.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`; // a TCP server has one
}

const rangePath = (parameters: Record<string, string>) =>
  `/api/metrics/query_range?${new URLSearchParams({ query: 'up', start: '0', end: '60', step: '15', ...parameters })}`;

describe('the query API in front of VictoriaMetrics', () => {
  const scope = suiteScope();
  let redis: RunningServer;
  let tsdb: RunningServer;
  let url: string;
  const now = Math.floor(Date.now() / 1000);

  before(async () => {
    redis = await startRedis(scope);
    tsdb = await startVictoriaMetrics(scope);
    url = (await startOrchestrator(scope, { REDIS_URL: redis.url, VICTORIAMETRICS_URL: tsdb.url })).url;
    const lines = ['a', 'b'].flatMap((service) =>
      Array.from({ length: 10 }, (_, i) => `t{service="${service}"} ${i} ${(now - 10 + i) * 1000}`),
    );
    await importSamples(tsdb.url, lines.join('\n'));
    await until('the samples can be queried', async () => {
      const { body } = await request(`${tsdb.url}/api/v1/query?query=count(t)&time=${now}`);
      return body.data.result[0]?.value[1] === '2';
    });
  });

  it("returns a range query in Prometheus's shape", async () => {
    const { status, headers, body } = await request(
      `${url}${rangePath({ query: 't', start: String(now - 10), end: String(now - 1), step: '1s' })}`,
    );
    assert.deepEqual([status, headers.get('content-type')], [200, 'application/json; charset=utf-8']);
    assert.deepEqual([body.status, body.data.resultType, body.data.result.length], ['success', 'matrix', 2]);
    assert.deepEqual(body.data.result[0].values[3], [now - 7, '3']);
  });

  it('restricts a query to one service, and drops parameters that could widen it', async () => {
    const range = { query: 't', start: String(now - 10), end: String(now) };
    const services = async (parameters: Record<string, string>) => {
      const { body } = await request(`${url}${rangePath({ ...range, ...parameters })}`);
      return body.data.result.map((series: { metric: { service: string } }) => series.metric.service);
    };
    assert.deepEqual(await services({ service: 'b' }), ['b']);
    assert.deepEqual(await services({ service: 'b"} or t{service="a' }), []);
    assert.deepEqual(await services({ extra_label: 'service=a', 'extra_filters[]': '{service="a"}' }), [
      'a',
      'b',
    ]);
  });

  it('refuses wrong parameters before they reach the TSDB', async () => {
    const cases: [Record<string, string>, RegExp][] = [
      [{ query: '' }, /query: expected an expression/],
      [{ query: 'sum(' }, /cannot be parsed at character 5/],
      [{ start: 'yesterday' }, /start: expected Unix seconds or RFC 3339; got "yesterday"/],
      [{ start: '1767225600000' }, /looks like milliseconds/],
      [{ start: '61' }, /end: expected a time not before start/],
      [{ step: '0' }, /step: expected seconds or a duration/],
      [{ step: '-1' }, /step/],
      [{ step: '5minutes' }, /step/],
      [{ end: '11001', step: '1' }, /exceeded maximum resolution of 11,000 points per timeseries; got 11001/],
      [{ timeout: 'soon' }, /timeout/],
      [{ service: '' }, /service: expected a name of 1 to 256 characters; got 0/],
    ];
    for (const [parameters, message] of cases) {
      const { status, body } = await request(`${url}${rangePath(parameters)}`);
      assert.deepEqual(
        [status, body.status, body.errorType],
        [400, 'error', 'bad_data'],
        JSON.stringify(body),
      );
      assert.match(body.error, message);
    }
    assert.equal(
      (await request(`${url}${rangePath({ end: '10999', step: '1', timeout: '1.0005' })}`)).status,
      200,
    );
    assert.match((await request(`${url}/api/metrics/query_range?query=up&query=t`)).body.error, /query/);
  });

  it("maps the TSDB's refusal to an execution error, without its text", async () => {
    const { status, body } = await request(
      `${url}${rangePath({ query: 'label_replace(t, "a", "$1", "b", "(")' })}`,
    );
    assert.deepEqual([status, body.errorType], [422, 'execution']);
    assert.ok(!body.error.includes('127.0.0.1'));
  });

  it('sends no other path to the TSDB, and deletes no series', async () => {
    for (const path of [
      'admin/tsdb/delete_series?match[]=t',
      'import',
      '../api/v1/admin/tsdb/delete_series',
    ]) {
      const { status, body } = await request(`${url}/api/metrics/${path}`);
      assert.equal(status, 404);
      assert.ok(body.errorType === 'not_found' || body.code === 'ASDLC_NOT_FOUND');
    }
    const { body } = await request(`${tsdb.url}/api/v1/query?query=count(t)&time=${now}`);
    assert.equal(body.data.result[0].value[1], '2');
  });

  it('reports healthy, and unhealthy with 503 when the TSDB is gone, never an empty result', async () => {
    const doomed = await startVictoriaMetrics(scope);
    const { url } = await startOrchestrator(scope, { REDIS_URL: redis.url, VICTORIAMETRICS_URL: doomed.url });
    const healthy = await request(`${url}/api/metrics/health`);
    assert.deepEqual([healthy.status, healthy.body.status], [200, 'healthy']);
    assert.deepEqual([healthy.body.checks.reachable.ok, healthy.body.checks.query.ok], [true, true]);
    await doomed.stop('SIGKILL');
    const unhealthy = await request(`${url}/api/metrics/health`);
    assert.deepEqual([unhealthy.status, unhealthy.body.status], [503, 'unhealthy']);
    for (const path of [rangePath({}), '/api/metrics/services']) {
      const { status, headers, body } = await request(`${url}${path}`);
      assert.deepEqual([status, body.errorType, headers.get('retry-after')], [503, 'unavailable', '5']);
    }
    assert.equal((await request(`${url}/health/ready`)).status, 200);
  });

  describe('with a TSDB that misbehaves', () => {
    let answer: RequestListener = () => undefined;
    let aborted = 0;
    let faulty: string;

    before(async () => {
      const upstream = await startFaultyUpstream(scope, (request, response) => {
        response.once('close', () => response.writableFinished || aborted++);
        if (request.url === '/health') response.end('OK');
        else answer(request, response);
      });
      faulty = (
        await startOrchestrator(scope, {
          REDIS_URL: redis.url,
          VICTORIAMETRICS_URL: upstream,
          VICTORIAMETRICS_QUERY_TIMEOUT: '0.5',
          VICTORIAMETRICS_HEALTH_TIMEOUT: '0.3',
          QUERY_CONCURRENCY: '1',
        })
      ).url;
    });

    const outcome = async () => {
      const { status, body } = await request(`${faulty}${rangePath({})}`);
      return [status, body.errorType];
    };

    it('sends timeout when the TSDB hangs, and reports degraded', async () => {
      answer = () => undefined;
      const startedAt = performance.now();
      assert.deepEqual(await outcome(), [503, 'timeout']);
      assert.ok(performance.now() - startedAt < 10_000); // its limit here is 0.5 s; the default is 30 s
      const { status, body } = await request(`${faulty}/api/metrics/health`);
      assert.deepEqual([status, body.status, body.checks.reachable.ok], [503, 'degraded', true]);
    });

    it('sends unavailable for HTML, a redirect, an overload and a server error', async () => {
      const cases: [number, Record<string, string>][] = [
        [200, { 'content-type': 'text/html' }],
        [302, { location: 'http://127.0.0.1:1/' }],
        [429, {}],
        [503, {}],
        [500, {}],
      ];
      for (const [status, headers] of cases) {
        answer = (_, response) => response.writeHead(status, headers).end('<html>10.0.0.1</html>');
        assert.deepEqual(await outcome(), [503, 'unavailable']);
      }
    });

    it('maps 400 to bad_data and 422 to execution', async () => {
      answer = (_, response) => response.writeHead(400).end();
      assert.deepEqual(await outcome(), [400, 'bad_data']);
      answer = (_, response) => response.writeHead(422).end();
      assert.deepEqual(await outcome(), [422, 'execution']);
    });

    it('sends unavailable when the TSDB breaks off a small body, or sends no JSON', async () => {
      const json = { 'content-type': 'application/json' };
      answer = (_, response) => {
        response.writeHead(200, json);
        response.write('{"status":"success",', () => setImmediate(() => response.destroy()));
      };
      assert.deepEqual(await outcome(), [503, 'unavailable']);
      for (const body of ['', 'garbage']) {
        answer = (_, response) => response.writeHead(200, json).end(body);
        assert.deepEqual(await outcome(), [503, 'unavailable']);
      }
    });

    it('breaks off its response when the TSDB breaks off a large one', async () => {
      answer = (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write(`{"data":"${'x'.repeat(1_000_000)}`, () => setImmediate(() => response.destroy()));
      };
      await assert.rejects(request(`${faulty}${rangePath({})}`));
    });

    it('aborts the request to the TSDB when the caller leaves, and answers the next one', async () => {
      const before = aborted;
      let asked = () => {};
      const arrived = new Promise<void>((resolve) => {
        asked = resolve;
      });
      answer = () => asked();
      const caller = new AbortController();
      const left = fetch(`${faulty}${rangePath({})}`, { signal: caller.signal }).catch(() => undefined);
      await arrived;
      caller.abort();
      await left;
      await until('the upstream request is aborted', () => aborted > before);
      answer = (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      assert.deepEqual(await outcome(), [200, undefined]);
    });

    it('refuses queries when more than allowed run and wait', async () => {
      answer = () => undefined;
      const outcomes = await Promise.all(
        Array.from({ length: 12 }, (_, i) => request(`${faulty}${rangePath({ query: `t${i}` })}`)),
      );
      const types = outcomes.map(({ body }) => body.errorType);
      assert.equal(types.filter((type) => type === 'unavailable').length, 3);
      assert.equal(types.filter((type) => type === 'timeout').length, 9);
    });

    it('counts all that in its own metrics', async () => {
      const of = (name: string, labels: Record<string, string>) => sample(faulty, name, labels);
      const endpoint = 'query_range';
      assert.ok(Number(await of('asdlc_query_requests_total', { endpoint, code: '200' })) > 0);
      assert.ok(Number(await of('asdlc_query_upstream_duration_seconds_count', { endpoint })) > 0);
      const { body } = await request(`${faulty}/metrics`);
      assert.match(body, /^asdlc_query_rejected_total\{.*\} [1-9]/m);
      assert.equal(await of('asdlc_query_in_flight', {}), 0);
      answer = (_, response) =>
        void setImmediate(() =>
          response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[]}'),
        );
      await Promise.all(Array.from({ length: 20 }, () => request(`${faulty}${rangePath({ end: '90' })}`)));
      assert.ok(Number(await of('asdlc_query_coalesced_total', { endpoint })) > 0);
    });
  });
});
