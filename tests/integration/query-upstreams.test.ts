import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type Answer, request } from '../support/http.ts';
import {
  type RunningServer,
  startOrchestrator,
  startRedis,
  startVictoriaMetrics,
} from '../support/processes.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { type Scope, suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

/** Samples of two services, 15 s apart, in the hour before. */
const end = Math.floor(Date.now() / 1000 / 60) * 60 - 3_600;
const start = end - 600;
const times = Array.from({ length: 41 }, (_, i) => start + i * 15);
const samples = (['a', 'b'] as const).flatMap((service, offset) =>
  times.map((time, i) => `t{service="${service}",path="/x"} ${i + offset * 1_000} ${time}`),
);

async function victoriaMetrics(scope: Scope): Promise<RunningServer> {
  const server = await startVictoriaMetrics(scope);
  const body = samples.map((line) => `${line}000`).join('\n');
  await fetch(`${server.url}/api/v1/import/prometheus`, { method: 'POST', body });
  return server;
}

const prometheus = (scope: Scope) => startPrometheus(scope, `# TYPE t gauge\n${samples.join('\n')}\n# EOF\n`);

for (const [name, startTsdb] of [
  ['VictoriaMetrics', victoriaMetrics],
  ['Prometheus', prometheus],
] as const) {
  describe(`the query API in front of ${name}`, () => {
    const scope = suiteScope();
    let url: string;

    before(async () => {
      const [redis, tsdb] = await Promise.all([startRedis(scope), startTsdb(scope)]);
      const env = { REDIS_URL: redis.url, VICTORIAMETRICS_URL: tsdb.url };
      url = (await startOrchestrator(scope, env)).url;
      await until('the samples can be queried', async () => {
        const { body } = await ask('query', { query: 'count(t)', time: `${end}` });
        return body.data.result[0]?.value[1] === '2';
      });
    });

    type Parameters = Record<string, string> | [string, string][];
    const ask = (path: string, parameters: Parameters = {}, prefix = '') =>
      request(`${url}/api/metrics${prefix}/${path}?${new URLSearchParams(parameters)}`);
    const postForm = (path: string, parameters: Parameters) =>
      request(`${url}/api/metrics/${path}`, { method: 'POST', body: new URLSearchParams(parameters) });
    const range = { start: `${start}`, end: `${end}`, step: '15' };
    const servicesIn = ({ status, body }: Answer): string[] => {
      assert.equal(status, 200, JSON.stringify(body));
      const { data } = body;
      const labelSets = Array.isArray(data)
        ? data
        : data.result.map((series: { metric: object }) => series.metric);
      return [
        ...new Set<string>(labelSets.map((labels: { service?: string }) => labels.service ?? 'none')),
      ].sort();
    };

    it('answers each route by GET, by POST where Prometheus has it, and under the alias', async () => {
      const questions: [
        path: string,
        parameters: Record<string, string>,
        check: (data: Answer['body']) => unknown,
      ][] = [
        ['query', { query: 't', time: `${end}` }, (data) => data.result.length],
        ['query_range', { query: 't', ...range }, (data) => data.result[0].values.length],
        ['series', { 'match[]': 't', start: `${start}`, end: `${end}` }, (data) => data.length],
        [
          'labels',
          { start: `${start}`, end: `${end}` },
          (data) => data.filter((label: string) => label !== 'job'),
        ],
      ];
      const expected = [2, 41, 2, ['__name__', 'path', 'service']];
      for (const [i, [path, parameters, check]] of questions.entries()) {
        for (const answer of [
          await ask(path, parameters),
          await postForm(path, parameters),
          await ask(path, parameters, '/prom/api/v1'),
        ]) {
          assert.deepEqual(
            [answer.status, answer.body.status],
            [200, 'success'],
            JSON.stringify(answer.body),
          );
          assert.deepEqual(check(answer.body.data), expected[i], path);
        }
      }
      const values = await ask('label/service/values', { start: `${start}`, end: `${end}` });
      assert.deepEqual(values.body.data, ['a', 'b']);
      assert.equal((await postForm('label/service/values', {})).status, 404);
      assert.equal(typeof (await ask('metadata')).body.data, 'object');
      const exemplars = await ask('query_exemplars', { query: 't', start: `${start}`, end: `${end}` });
      assert.deepEqual(exemplars.body, { status: 'success', data: [] });
    });

    it('answers what clients ask beside queries, and JSON 404 for all else', async () => {
      const alias = (path: string) => request(`${url}/api/metrics/prom/api/v1/${path}`);
      assert.match((await alias('status/buildinfo')).body.data.version, /^\d+\.\d+\.\d+$/);
      assert.equal((await alias('status/flags')).body.data['query.timeout'], '30s');
      assert.equal((await alias('format_query?query=sum%20(%20t%20)')).body.status, 'success');
      for (const path of [
        'admin/tsdb/delete_series?match[]=t',
        'write',
        'targets',
        'status/tsdb',
        'export',
        '',
      ]) {
        const { status, body } = await alias(path);
        assert.deepEqual([status, body.status, body.errorType], [404, 'error', 'not_found'], path);
      }
      assert.equal((await ask('query', { query: 'count(t)', time: `${end}` })).body.data.result.length, 1);
    });

    it('takes exactly 11,000 points, and no more', async () => {
      const wide = { query: 't', start: '0', step: '1' };
      assert.equal((await ask('query_range', { ...wide, end: '10999' })).status, 200);
      const { status, body } = await ask('query_range', { ...wide, end: '11000' });
      assert.deepEqual([status, body.errorType], [400, 'bad_data']);
      assert.match(body.error, /at most 11000 points per series; this range and step make 11001/);
    });

    it('takes times and steps in each of their forms, and refuses milliseconds', async () => {
      const iso = new Date(end * 1000).toISOString();
      for (const time of [
        `${end}`,
        `${end}.000`,
        `${end}.5`,
        iso,
        iso.replace('.000Z', 'Z'),
        iso.replace('Z', '+00:00'),
      ]) {
        const { status, body } = await ask('query', { query: 't', time });
        assert.deepEqual([status, body.data?.result.length], [200, 2], time);
      }
      for (const step of ['15', '15.0', '1.5e1', '15s', '15000ms', '0m15s']) {
        const { status, body } = await ask('query_range', { query: 't', ...range, step });
        assert.deepEqual([status, body.data?.result[0].values.length], [200, 41], step);
      }
      for (const bad of [
        { start: `${start}000` },
        { end: `${end}000` },
        { step: '0' },
        { step: '-1s' },
        { step: '1x' },
        { start: 'now' },
      ]) {
        const { status, body } = await ask('query_range', { query: 't', ...range, ...bad });
        assert.deepEqual([status, body.errorType], [400, 'bad_data'], JSON.stringify(bad));
      }
    });

    it('shows one service alone on every route, by GET and POST', async () => {
      const service = { service: 'a', start: `${start}`, end: `${end}` };
      for (const send of [ask, postForm]) {
        assert.deepEqual(servicesIn(await send('query', { query: 't', time: `${end}`, service: 'a' })), [
          'a',
        ]);
        assert.deepEqual(servicesIn(await send('query_range', { query: 't', ...range, service: 'a' })), [
          'a',
        ]);
        assert.deepEqual(servicesIn(await send('series', { 'match[]': 't', ...service })), ['a']);
        assert.ok((await send('labels', service)).body.data.includes('service'));
        const none = (await send('labels', { ...service, service: 'no-such' })).body.data as string[];
        assert.ok(!none.includes('service'), none.join());
      }
      assert.deepEqual((await ask('label/service/values', service)).body.data, ['a']);
    });

    it('keeps to the service whatever the query says', async () => {
      const queries = [
        't{service="b"}',
        't{service=~".+"}',
        't{} or t{service="b"}',
        't # a comment\n or t{service="b"}',
        't #\r or t{service="b"}',
        't{path="\\"}",service="b"} or t',
        "t{path='\"'} or t",
        'max_over_time(t{service="b"}[5m:15s]) or t',
        `t{service="b"} @ ${end} or t offset 15s`,
        'sum by (service) (t{service!="a"}) or t',
        '{__name__="t"}',
        '{__name__=~"t|u",service="b"} or {path="/x"}',
        'label_replace(t{service="b"}, "service", "b", "", "") or t',
      ];
      for (const query of queries) {
        const { status, body } = await ask('query', { query, time: `${end}`, service: 'a' });
        if (status === 400) continue;
        assert.equal(status, 200, `${query}: ${JSON.stringify(body)}`);
        for (const { value } of body.data.result) assert.ok(Number(value[1]) < 1_000, query);
      }
      for (const service of ['a"} or t{service="b', 'a\\', "a'", 'a\n', '\u2028']) {
        const { status, body } = await ask('query', { query: 't', time: `${end}`, service });
        assert.deepEqual([status, body.data.result], [200, []], JSON.stringify(service));
      }
    });

    it('drops parameters that are not listed', async () => {
      const { body } = await ask('query', [
        ['query', 't'],
        ['time', `${end}`],
        ['service', 'a'],
        ['extra_label', 'service=b'],
        ['extra_filters[]', '{service="b"}'],
        ['nocache', '1'],
        ['trace', '1'],
      ]);
      assert.deepEqual(servicesIn({ status: 200, headers: new Headers(), body }), ['a']);
      assert.equal(body.trace, undefined);
    });

    it('maps what the TSDB refuses, without its text', async () => {
      const { status, body } = await ask('query', { query: 't * on (path) t', time: `${end}` });
      assert.deepEqual([status, body.errorType], [422, 'execution']);
      assert.doesNotMatch(body.error, /127\.0\.0\.1|many-to-many/);
    });
  });
}
