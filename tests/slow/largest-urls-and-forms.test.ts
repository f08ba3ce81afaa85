import { before, describe, it } from 'node:test';
import { type HardRequest, type Service, sendBeside, watchLoop } from '../support/beside.ts';
import {
  BEFORE_A_ROUTE,
  orchestratorRoutes,
  type Route,
  workersRoutes,
} from '../support/documented-routes.ts';
import { startHealthyClient } from '../support/healthy-client.ts';
import { chunked, KIB, MIB } from '../support/large-bodies.ts';
import { startOrchestrator, startRedis, startVictoriaMetrics, startWorkers } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };

describe('the longest URLs, headers and forms', () => {
  const scope = suiteScope();
  let service: Service;
  let routes: Route[];

  before(async () => {
    const [redis, tsdb, watch] = await Promise.all([
      startRedis(scope),
      startVictoriaMetrics(scope),
      watchLoop(),
    ]);
    const env = { REDIS_URL: redis.url, VICTORIAMETRICS_URL: tsdb.url, ...watch.env };
    const server = await startOrchestrator(scope, env);
    service = { server, watch, healthy: await startHealthyClient(scope, server.url) };
    routes = await orchestratorRoutes(server.url);
  });

  it('that have the longest URL or headers are answered at once', async (t) => {
    const most = 15 * KIB; // of 16 KiB in all
    const queries = [
      'a&'.repeat(most / 2),
      '%41'.repeat(most / 3),
      '%'.repeat(most),
      '&=;+'.repeat(most / 4),
    ];
    const repeated = ['limit=1&', 'match[]=up&', 'query=up&', 'service=a&', 'cursor=a&', 'time=1&'];
    queries.push(...repeated.map((text) => text.repeat(Math.floor(most / text.length))));
    queries.push(
      `query=${'('.repeat(most)}`,
      `query=${'-'.repeat(most - 9)}1`,
      `query=${'a+'.repeat(most / 2 - 9)}a`,
    );
    queries.push(
      `match[]=${'{a=~"(a+)+'.repeat(1)}${'a'.repeat(most - 99)}"}`,
      `time=${'9'.repeat(most - 9)}`,
    );
    const headers: Record<string, string>[] = [
      { 'x-long': 'a'.repeat(most) },
      { cookie: 'a=b;'.repeat(most / 4) },
      { accept: 'a/b;q=0.1,'.repeat(most / 10) },
      { 'accept-encoding': 'gzip;q=0.5,'.repeat(most / 11) },
      { authorization: `Bearer ${'a'.repeat(most - 99)}` },
      { 'if-none-match': '"a",'.repeat(most / 4) },
      { range: `bytes=${'0-1,'.repeat(most / 4 - 9)}` },
      { traceparent: '0'.repeat(most) },
      { tracestate: 'a=b,'.repeat(most / 4) },
      { 'idempotency-key': 'k'.repeat(most) },
      Object.fromEntries(Array.from({ length: 1_500 }, (_, i) => [`x${i}`, ''])),
      { 'x-longer': 'a'.repeat(64 * KIB) },
    ];
    function* requests(): Generator<HardRequest> {
      for (const { method, path, statuses: expected } of routes) {
        for (const query of queries) {
          const name = `${method} ${path}?${query.slice(0, 20)}`;
          yield { name, method, path: `${path}?${query.replaceAll(/[{}"]/g, encodeURIComponent)}`, expected };
        }
        for (const own of headers)
          yield { name: `${method} ${path} ${Object.keys(own)[0]}`, method, path, headers: own, expected };
      }
      const expected = new Set([...BEFORE_A_ROUTE, 404, 414]);
      for (const path of [
        `/${'a'.repeat(most)}`,
        `/${'a/'.repeat(most / 2)}`,
        `/${'%2f'.repeat(most / 3)}`,
        `/api/tasks/${'a'.repeat(most)}`,
      ]) {
        yield { name: path.slice(0, 30), method: 'GET', path, expected };
      }
    }
    await sendBeside(t, service, requests());
  });

  it('that send a form of any shape are answered at once', async (t) => {
    const selector = `{${Array.from({ length: 500 }, (_, i) => `a${i}=~"b"`).join(',')}}`;
    const forms: Record<string, string> = {
      'many names': 'a&'.repeat(MIB / 2),
      'unlike names': Array.from({ length: 100_000 }, (_, i) => `a${i}`).join('&'),
      'escaped names': '%41&'.repeat(MIB / 4),
      separators: '&'.repeat(MIB),
      'many selectors': `match[]=${encodeURIComponent(selector)}&`.repeat(60),
      'short selectors': 'match[]=up&'.repeat(MIB / 12),
      'a long query': `query=${'up+'.repeat(MIB / 4)}up`,
      'a query of brackets': `query=${'('.repeat(16 * KIB - 10)}`,
      'a query of minuses': `query=${'-'.repeat(16 * KIB - 10)}1`,
      'a query of names': `query=${'a%2Bb%2B'.repeat(2 * KIB)}c`,
      'a query of quotes': `query=${'"'.repeat(16 * KIB)}`,
      'a query of quotes without an end': `query=${'"\\'.repeat(8 * KIB)}`,
      'a query of comments': `query=${'%23%0A'.repeat(8 * KIB)}1`,
      'a nested query': `query=${'abs('.repeat(99)}up${')'.repeat(99)}`,
      'many numbers': `query=up&start=${'9'.repeat(MIB / 2)}&end=${'1'.repeat(MIB / 2)}&step=1`,
      'not UTF-8': '%ff'.repeat(MIB / 3),
    };
    function* requests(): Generator<HardRequest> {
      for (const { method, path, statuses: expected } of routes.filter(
        ({ method, path }) => method === 'POST' && path.startsWith('/api/metrics/'),
      )) {
        for (const [name, text] of Object.entries(forms)) {
          yield {
            name: `${path} ${name}`,
            method,
            path,
            headers: FORM_TYPE,
            body: Buffer.from(text.slice(0, MIB)),
            expected,
          };
          const most = Buffer.from(text.slice(0, 128 * KIB));
          yield {
            name: `${path} ${name}, up to the limit`,
            method,
            path,
            headers: FORM_TYPE,
            body: most,
            expected,
          };
        }
      }
    }
    await sendBeside(t, service, requests());
  });
});

describe("the largest requests to the workers' server", () => {
  const scope = suiteScope();

  it('are answered at once, whatever their bodies and headers', async (t) => {
    const [redis, watch] = await Promise.all([startRedis(scope), watchLoop()]);
    const server = await startWorkers(scope, { REDIS_URL: redis.url, ...watch.env });
    const healthy = await startHealthyClient(scope, server.url, { submits: false });
    const body = Buffer.alloc(16 * MIB, '[');
    function* requests(): Generator<HardRequest> {
      for (const { method, path, statuses } of workersRoutes()) {
        for (const [name, own] of Object.entries<Partial<HardRequest>>({
          'a body': { body },
          'a body in chunks': { headers: { 'transfer-encoding': 'chunked' }, parts: () => chunked(body) },
          'a POST': { method: 'POST', headers: JSON_TYPE, body, expected: new Set([404]) },
          'a long query': { path: `${path}?${'a&'.repeat(7 * KIB)}` },
          'long headers': { headers: { accept: 'a/b;q=0.1,'.repeat(1_500) } },
          'headers that are too long': { headers: { accept: 'a/b;q=0.1,'.repeat(3_000) } },
        })) {
          yield { name: `${path} ${name}`, method, path, expected: statuses, ...own };
        }
      }
    }
    await sendBeside(t, { server, watch, healthy }, requests());
  });
});
