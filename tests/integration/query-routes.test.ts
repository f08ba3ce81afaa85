import assert from 'node:assert/strict';
import { it } from 'node:test';
import { post, request } from '../support/http.ts';
import { BEGIN, describeQueryApi, END } from '../support/tsdb.ts';
import { until } from '../support/until.ts';

const PREFIXES = ['/api/metrics', '/api/metrics/prom/api/v1'];
const start = String(BEGIN);
const end = String(END);
const selected = { 'match[]': 't', start, end };

/** Routes with parameters, and a pattern of the data that they return. */
const POSTABLE: readonly [path: string, parameters: Record<string, string>, expected: RegExp][] = [
  ['query', { query: 't{service="a"}', time: end }, new RegExp(`"value":\\[${END},"9"\\]`)],
  ['query', { query: 't{service="a"}[5s]', time: end }, new RegExp(`"values":.*\\[${END},"9"\\]\\]`)],
  ['query_range', { query: 't{service="a"}', start, end, step: '1s' }, new RegExp(`\\[${BEGIN + 3},"3"\\]`)],
  ['series', selected, /"__name__":"t".*"service":"b"/],
  ['labels', { start, end }, /"kind","only_a"/],
  ['query_exemplars', { query: 't', start, end }, /^\[\]$/],
];
const GET_ONLY: typeof POSTABLE = [
  ['label/kind/values', { start, end }, /^\["x"\]$/],
  ['label/service/values', selected, /"a","b"/],
  ['metadata', { limit: '1' }, /^\{/],
];

describeQueryApi('the routes of the query API', (api) => {
  for (const [path, parameters, expected] of [...POSTABLE, ...GET_ONLY]) {
    it(`GET ${path} answers ${parameters.query ?? ''} under both prefixes, and HEAD without a body`, async () => {
      for (const prefix of PREFIXES) {
        const url = `${api().url}${prefix}/${path}?${new URLSearchParams(parameters)}`;
        const { status, headers, body } = await request(url);
        assert.deepEqual([status, body.status], [200, 'success'], JSON.stringify(body));
        assert.equal(headers.get('content-type'), 'application/json; charset=utf-8');
        // The cache may keep a settled result.
        const expectedCaching = path === 'query_range' ? /^no-store$|^private, max-age=\d+$/ : /^no-store$/;
        assert.match(headers.get('cache-control') ?? '', expectedCaching);
        const shown = JSON.stringify(body.data.result ?? body.data);
        assert.match(shown, expected);
        const head = await request(url, { method: 'HEAD' });
        assert.deepEqual([head.status, head.body], [200, '']);
      }
    });
  }

  for (const [path, parameters] of POSTABLE) {
    it(`POST ${path} answers ${parameters.query ?? ''} as GET does, with parameters in a form, a URL or both`, async () => {
      const get = await request(`${api().url}${PREFIXES[0]}/${path}?${new URLSearchParams(parameters)}`);
      for (const prefix of PREFIXES) {
        const url = `${api().url}${prefix}/${path}`;
        const form = await request(url, { method: 'POST', body: new URLSearchParams(parameters) });
        assert.deepEqual(form.body, get.body);
        const [[name = '', value = ''] = [], ...others] = Object.entries(parameters);
        const both = await request(`${url}?${new URLSearchParams({ [name]: value })}`, {
          method: 'POST',
          body: new URLSearchParams(others),
        });
        assert.deepEqual(both.body, get.body);
        const inUrl = await request(`${url}?${new URLSearchParams(parameters)}`, { method: 'POST' });
        assert.deepEqual(inUrl.body, get.body);
      }
      assert.equal((await post(`${api().url}${PREFIXES[0]}/${path}`, parameters)).status, 415);
    });
  }

  it("answer the other requests of Prometheus's clients, under the alias only", async () => {
    const { url } = api();
    const alias = `${url}/api/metrics/prom/api/v1`;
    assert.match((await request(`${alias}/status/buildinfo`)).body.data.version, /^2\.\d+\.\d+$/);
    assert.equal((await request(`${alias}/status/flags`)).body.data['query.timeout'], '30s');
    assert.deepEqual((await request(`${alias}/rules?type=alert`)).body.data, { groups: [] });
    assert.deepEqual((await request(`${alias}/alerts`)).body.data, { alerts: [] });
    for (const [path, text] of [
      ['healthy', 'Prometheus Server is Healthy.\n'],
      ['ready', 'Prometheus Server is Ready.\n'],
    ] as const) {
      const { status, headers, body } = await request(`${url}/api/metrics/prom/-/${path}`);
      assert.deepEqual([status, body, headers.get('cache-control')], [200, text, 'no-store']);
      assert.equal(headers.get('content-type'), 'text/plain; charset=utf-8');
    }
    const query = 'sum(\n  t # a comment\n)';
    const form = new URLSearchParams({ query });
    const formatted = { status: 'success', data: 'sum( t )' };
    assert.deepEqual((await request(`${alias}/format_query?${form}`)).body, formatted);
    assert.deepEqual(
      (await request(`${alias}/format_query`, { method: 'POST', body: form })).body,
      formatted,
    );
    const parsed = await request(`${alias}/parse_query?query=1`);
    assert.deepEqual(parsed.body, { status: 'success', data: { type: 'numberLiteral', val: '1' } });
    const wrong = await request(`${alias}/format_query?query=sum(`);
    assert.deepEqual([wrong.status, wrong.body.errorType], [400, 'bad_data']);
    assert.equal((await request(`${url}/api/metrics/status/buildinfo`)).status, 404);
  });

  it('are the only ones: any other path gets an error as from Prometheus and never reaches the TSDB', async () => {
    const others = [
      ['GET', 'admin/tsdb/delete_series?match[]=t', 404],
      ['POST', 'admin/tsdb/delete_series?match[]=t', 404],
      ['GET', 'prom/api/v1/admin/tsdb/delete_series?match[]=t', 404],
      ['POST', 'prom/api/v1/import', 404],
      ['GET', 'prom/api/v1/targets', 404],
      ['GET', 'prom/api/v1/../../../api/v1/targets', 404],
      ['GET', 'query%2f..%2fadmin%2ftsdb%2fdelete_series?match[]=t', 404],
      ['GET', 'label/..%2fadmin/values', 400],
      ['GET', `label/${'x'.repeat(300)}/values`, 414],
      ['GET', '%zz', 400],
      ['GET', 'prom/api/v1/%zz', 400],
      ['PUT', 'query?query=t', 404],
      ['DELETE', 'series?match[]=t', 404],
      ['GET', '', 404],
    ] as const;
    for (const [method, path, expected] of others) {
      const { status, body } = await request(`${api().url}/api/metrics/${path}`, { method });
      if (path.includes('../')) assert.equal(status, expected);
      else {
        assert.deepEqual([status, body.status], [expected, 'error'], `${path} ${JSON.stringify(body)}`);
        assert.deepEqual(Object.keys(body), ['status', 'errorType', 'error']);
        assert.equal(body.errorType, expected === 404 ? 'not_found' : 'bad_data');
      }
    }
    const { body } = await request(`${api().upstreamUrl}/api/v1/query?query=count(t)&time=${END}`);
    assert.equal(body.data.result[0].value[1], '3');
  });

  it('report a healthy TSDB', async () => {
    const { status, body } = await request(`${api().url}/api/metrics/health`);
    assert.deepEqual([status, body.status], [200, 'healthy']);
  });

  it('restrict metadata to a service', async () => {
    const metadata = async (service: string) => {
      const url = `${api().url}/api/metrics/metadata?${new URLSearchParams({ service })}`;
      const { status, body } = await request(url);
      assert.deepEqual([status, body.status], [200, 'success']);
      return Object.keys(body.data);
    };
    assert.deepEqual(await metadata('a'), []);
    // VictoriaMetrics scrapes nothing here, and keeps no metadata.
    const expected = api().upstream === 'prometheus';
    await until('the scraped metadata is there', async () => {
      return (await metadata('prom')).includes('go_goroutines') === expected;
    });
  });
});
