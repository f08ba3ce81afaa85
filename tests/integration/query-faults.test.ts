import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { faultyTsdb, rangePath, sendJson } from '../support/faulty-tsdb.ts';
import { request } from '../support/http.ts';
import { startOrchestrator, startRedis, startVictoriaMetrics } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { importSamples } from '../support/tsdb.ts';
import { until } from '../support/until.ts';

const json = { 'content-type': 'application/json' };

describe('the query API with a TSDB that misbehaves', () => {
  const tsdb = faultyTsdb({ VICTORIAMETRICS_QUERY_TIMEOUT: '0.5', VICTORIAMETRICS_HEALTH_TIMEOUT: '0.3' });
  const outcome = async (path = rangePath()) => {
    const { status, body, headers } = await request(`${tsdb.url}${path}`);
    assert.equal(headers.get('retry-after'), body.errorType === 'unavailable' ? '5' : null);
    return [status, body.errorType];
  };

  it('sends timeout when the TSDB hangs before or during its response, and reports degraded', async () => {
    for (const begin of ['', '{"status":']) {
      tsdb.answer = (_, response) => begin && response.writeHead(200, json).write(begin);
      const abortedBefore = tsdb.aborted;
      assert.deepEqual(await outcome(), [503, 'timeout']);
      await until('the request to the TSDB is aborted', () => tsdb.aborted === abortedBefore + 1);
    }
    const { status, body } = await request(`${tsdb.url}/api/metrics/health`);
    assert.deepEqual([status, body.status, body.checks.reachable.ok], [503, 'degraded', true]);
  });

  it('sends unavailable with Retry-After for HTML, an overload and a server error, without their text', async () => {
    const cases: [number, Record<string, string>][] = [
      [200, { 'content-type': 'text/html' }],
      [200, {}],
      [204, json],
      [200, { ...json, 'content-encoding': 'br' }],
      [429, {}],
      [503, {}],
      [500, json],
    ];
    for (const [code, headers] of cases) {
      tsdb.answer = (_, response) => response.writeHead(code, headers).end('<html>10.0.0.1</html>');
      assert.deepEqual(await outcome(), [503, 'unavailable'], `${code}`);
      assert.doesNotMatch(
        JSON.stringify((await request(`${tsdb.url}${rangePath()}`)).body),
        /10\.0\.0\.1|html/,
      );
    }
  });

  it('follows no redirect', async () => {
    tsdb.answer = ({ url }, response) => {
      if (url === '/elsewhere') sendJson(response);
      else response.writeHead(307, { location: '/elsewhere' }).end();
    };
    const before = tsdb.arrived;
    assert.deepEqual(await outcome(), [503, 'unavailable']);
    assert.equal(tsdb.arrived, before + 1);
  });

  it('maps 400, 422 and the timeouts of both TSDBs to its own errors', async () => {
    const cases: [number, string, [number, string]][] = [
      [400, '', [400, 'bad_data']],
      [422, '', [422, 'execution']],
      [422, 'timeout exceeded during the query', [503, 'timeout']],
      [503, '{"status":"error","errorType":"timeout"}', [503, 'timeout']],
    ];
    for (const [code, text, expected] of cases) {
      tsdb.answer = (_, response) => response.writeHead(code).end(text);
      assert.deepEqual(await outcome(), expected);
    }
  });

  it('sends unavailable when a small body breaks off, is empty or is no result', async () => {
    tsdb.answer = (_, response) => {
      response
        .writeHead(200, json)
        .write('{"status":"success",', () => setImmediate(() => response.destroy()));
    };
    assert.deepEqual(await outcome(), [503, 'unavailable']);
    for (const body of ['', 'garbage', '\u0000']) {
      tsdb.answer = (_, response) => sendJson(response, body);
      assert.deepEqual(await outcome(), [503, 'unavailable']);
      assert.deepEqual(await outcome('/api/metrics/panels/cpu'), [503, 'unavailable']);
    }
    const odd = ['null', '{"result":{}}', '{"result":[{}]}', '{"result":[{"metric":{},"value":1}]}'];
    for (const body of ['{', '{}', ...odd.map((data) => `{"data":${data}}`)]) {
      tsdb.answer = (_, response) => sendJson(response, body);
      if (body.includes('null')) {
        assert.deepEqual(await outcome('/api/metrics/metadata?service=a'), [503, 'unavailable'], body);
      }
      assert.deepEqual(await outcome('/api/metrics/panels/cpu'), [503, 'unavailable'], body);
      assert.deepEqual(await outcome('/api/metrics/services'), [503, 'unavailable'], body);
    }
  });

  it('breaks off its response when a large body breaks off or hangs', async () => {
    for (const then of ['destroy', 'hang']) {
      tsdb.answer = (_, response) => {
        response.writeHead(200, json).write(`{"data":"${'x'.repeat(1_000_000)}`, () => {
          if (then === 'destroy') setImmediate(() => response.destroy());
        });
      };
      await assert.rejects(request(`${tsdb.url}${rangePath()}`), then);
    }
  });

  it('refuses a body over 64 MiB: at once by its content-length, else by breaking off', async () => {
    tsdb.answer = (_, response) => {
      response.writeHead(200, { ...json, 'content-length': String(64 * 1024 * 1024 + 1) }).write('{');
    };
    assert.deepEqual(await outcome(), [422, 'execution']);
    const block = Buffer.alloc(1024 * 1024, ' ');
    tsdb.answer = (_, response) => {
      response.writeHead(200, json).write('{');
      const more = () => {
        while (!response.destroyed && response.write(block));
      };
      response.on('drain', more);
      more();
    };
    const received = { size: 0 };
    const read = async () => {
      const { body } = await fetch(`${tsdb.url}${rangePath({ query: 'large' })}`);
      for await (const chunk of body ?? []) received.size += chunk.length;
    };
    await assert.rejects(read());
    assert.ok(received.size <= 64 * 1024 * 1024, `${received.size}`);
  });

  it('passes a compressed body only to clients that accept it', async () => {
    const text = '{"status":"success","data":[]}';
    let always = false;
    tsdb.answer = ({ headers }, response) => {
      if (!always && headers['accept-encoding'] !== 'gzip') sendJson(response, text);
      else response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(gzipSync(text));
    };
    const encoding = async (accepted: string) => {
      const headers = { 'accept-encoding': accepted };
      const response = await request(`${tsdb.url}${rangePath()}`, { headers });
      if (response.status === 200) assert.deepEqual(response.body, JSON.parse(text));
      return [response.status, response.headers.get('content-encoding'), response.headers.get('vary')];
    };
    assert.deepEqual(await encoding('gzip'), [200, 'gzip', 'accept-encoding, authorization']);
    assert.deepEqual(await encoding('br, gzip;q=0.5'), [200, 'gzip', 'accept-encoding, authorization']);
    assert.deepEqual(await encoding('gzip;q=0, br'), [200, null, 'accept-encoding, authorization']);
    assert.deepEqual(await encoding('identity'), [200, null, 'accept-encoding, authorization']);
    always = true;
    assert.equal((await encoding('identity'))[0], 503);
  });
});

describe('the query API with a real TSDB', () => {
  const scope = suiteScope();

  it('ends a slow query at its timeout=, and answers the next', async () => {
    const [redis, tsdb] = await Promise.all([startRedis(scope), startVictoriaMetrics(scope)]);
    const now = Math.floor(Date.now() / 1000);
    const lines = Array.from({ length: 500 }, (_, i) => `s{i="${i}"} ${i} ${(now - 60) * 1000}`);
    await importSamples(tsdb.url, lines.join('\n'));
    const env = { REDIS_URL: redis.url, VICTORIAMETRICS_URL: tsdb.url };
    const { url } = await startOrchestrator(scope, env);
    await until('the samples can be queried', async () => {
      const { body } = await request(`${tsdb.url}/api/v1/query?query=count(s)&time=${now - 60}`);
      return body.data.result[0]?.value[1] === '500';
    });
    const query = 'sum(sum_over_time(sum_over_time(s[10m:1s])[10m:1s]))';
    const slow = { query, start: `${now - 10_000}`, end: `${now}`, step: '1', timeout: '300ms' };
    const startedAt = performance.now();
    const { status, body } = await request(`${url}${rangePath(slow)}`);
    assert.deepEqual([status, body.errorType], [503, 'timeout']);
    assert.ok(performance.now() - startedAt < 10_000); // it asked for 0.3 s; the default is 30 s
    assert.equal((await request(`${url}/api/metrics/query?query=1`)).status, 200);
  });

  it('reports unhealthy with 503 when the TSDB is gone, never an empty result', async () => {
    const [redis, tsdb] = await Promise.all([startRedis(scope), startVictoriaMetrics(scope)]);
    const env = { REDIS_URL: redis.url, VICTORIAMETRICS_URL: tsdb.url };
    const { url } = await startOrchestrator(scope, env);
    assert.equal((await request(`${url}/api/metrics/health`)).body.status, 'healthy');
    await tsdb.stop('SIGKILL');
    const { status, body } = await request(`${url}/api/metrics/health`);
    assert.deepEqual([status, body.status], [503, 'unhealthy']);
    for (const path of [rangePath(), '/api/metrics/services', '/api/metrics/panels/cpu']) {
      const { status, headers, body } = await request(`${url}${path}`);
      assert.deepEqual([status, body.errorType, headers.get('retry-after')], [503, 'unavailable', '5']);
    }
    assert.equal((await request(`${url}/health/ready`)).status, 200);
  });
});
