import assert from 'node:assert/strict';
import { it } from 'node:test';
import { rangePath } from '../support/faulty-tsdb.ts';
import { request } from '../support/http.ts';
import { BEGIN, describeQueryApi, END } from '../support/tsdb.ts';

const iso = (seconds: number) => new Date(seconds * 1000).toISOString();

/** The time in a zone one hour ahead. */
const zoned = (seconds: number) => iso(seconds + 3600).replace('.000Z', '+01:00');

describeQueryApi('the parameters of the query API', (api) => {
  const points = async (parameters: Record<string, string>) => {
    const usual = { query: 't{service="a"}', start: `${BEGIN}`, end: `${END}`, step: '1' };
    const { status, body } = await request(`${api().url}${rangePath({ ...usual, ...parameters })}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body.data.result[0].values.map(([time]: [number]) => time);
  };
  const every = (step: number) => {
    const length = Math.floor((END - BEGIN) / step) + 1;
    return Array.from({ length }, (_, i) => Math.round((BEGIN + i * step) * 1000) / 1000);
  };

  it('accept times as seconds, with a fraction, and as RFC 3339 with any zone', async () => {
    const forms: [start: string, end: string][] = [
      [`${BEGIN}`, `${END}.0`],
      [`${BEGIN}.000`, `${END}.25`],
      [`${BEGIN / 1e9}e9`, `${END}`],
      [iso(BEGIN), iso(END)],
      [iso(BEGIN).replace('.000', ''), zoned(END)],
      [iso(BEGIN).replace('T', ' ').toLowerCase(), `${END}`],
    ];
    for (const [start, end] of forms) assert.deepEqual(await points({ start, end }), every(1), start);
    const { body } = await request(
      `${api().url}/api/metrics/query?${new URLSearchParams({ query: 't', time: zoned(END) })}`,
    );
    assert.equal(body.data.result[0].value[0], END);
  });

  it('accept steps as seconds and as durations', async () => {
    const forms: [step: string, seconds: number][] = [
      ['2', 2],
      ['2.0', 2],
      ['.5', 0.5],
      ['2e0', 2],
      ['2s', 2],
      ['2000ms', 2],
      ['1s500ms', 1.5],
    ];
    for (const [step, seconds] of forms) assert.deepEqual(await points({ step }), every(seconds), step);
    for (const step of ['1m', '1h30m', '1d', '1w', '1y'])
      assert.deepEqual(await points({ step }), [BEGIN], step);
  });

  it('takes 11,000 steps from start to end and refuses one more, as Prometheus does', async () => {
    const start = END - 11_000;
    assert.ok((await points({ start: `${start}`, step: '1' })).length >= 10);
    const refused = await request(
      `${api().url}${rangePath({ start: `${start - 1}`, end: `${END}`, step: '1' })}`,
    );
    assert.deepEqual([refused.status, refused.body.errorType], [400, 'bad_data']);
    assert.match(
      refused.body.error,
      /exceeded maximum resolution of 11,000 points per timeseries; got 11001/,
    );
  });

  it('takes 32 KiB of selectors in all', async () => {
    const selector = `t{kind!="${'x'.repeat(10_000)}"}`;
    const series = (count: number) => {
      const body = new URLSearchParams({ start: `${BEGIN}` });
      for (let i = 0; i < count; i++) body.append('match[]', selector);
      return request(`${api().url}/api/metrics/series`, { method: 'POST', body });
    };
    assert.equal((await series(3)).status, 200);
    const { status, body } = await series(4);
    assert.deepEqual([status, body.errorType], [400, 'bad_data']);
    assert.equal(body.error, 'expected at most 32768 bytes of queries and selectors in all; got 40044');
  });

  it("passes the name of a label on as it is, and the TSDB's answer back", async () => {
    for (const name of ['a.b', 'U__a_2e_b', 'é', 'a-b']) {
      const path = `label/${encodeURIComponent(name)}/values`;
      const direct = await request(`${api().upstreamUrl}/api/v1/${path}`);
      const { status, body } = await request(`${api().url}/api/metrics/${path}`);
      assert.equal(status, direct.status, name);
      if (status === 200) assert.deepEqual(body.data, direct.body.data);
    }
  });

  it('get 400 when they are wrong, with the name, what was expected and what came', async () => {
    const cases: [Record<string, string>, RegExp][] = [
      [{ query: '' }, /query: expected an expression/],
      [{ query: 'sum(' }, /cannot be parsed at character 5/],
      [{ query: '"open' }, /cannot be parsed at character 1/],
      [{ query: 'rate(t)' }, /expected a range vector in the call of rate; got an instant vector/],
      [{ query: 't[0x10]' }, /expected a duration such as 5m, or decimal seconds; got 0x10/],
      [{ query: `t{kind="${'x'.repeat(16_384)}"}` }, /at most 16384 bytes/],
      [{ start: 'yesterday' }, /start: expected Unix seconds or RFC 3339; got "yesterday"/],
      [{ start: '2026-01-01' }, /start: expected Unix seconds or RFC 3339/],
      [{ start: '2026-01-01T00:00:00' }, /start: expected Unix seconds or RFC 3339/],
      [{ start: 'NaN' }, /start/],
      [{ end: '' }, /end/],
      [{ start: `${BEGIN}000` }, /start: expected Unix seconds; got \d+, which looks like milliseconds/],
      [{ end: `${END}000` }, /end: .* looks like milliseconds/],
      [{ start: '61' }, /end: expected a time not before start/],
      [{ step: '0' }, /step: expected seconds or a duration/],
      [{ step: '0s' }, /step/],
      [{ step: '-1' }, /step/],
      [{ step: '5minutes' }, /step/],
      [{ step: '1m1h' }, /step/],
      [{ step: 'Infinity' }, /step/],
      [{ timeout: 'soon' }, /timeout/],
      [{ limit: 'many' }, /limit/],
      [{ service: '' }, /service: expected a name of 1 to 256 characters; got 0/],
      [{ service: 'x'.repeat(257) }, /service: .* got 257/],
    ];
    for (const [parameters, message] of cases) {
      const path = rangePath(parameters);
      const [, form = ''] = path.split('?', 2);
      const init = { method: 'POST', body: new URLSearchParams(form) };
      const answers = [await request(`${api().url}/api/metrics/query_range`, init)];
      if (path.length < 10_000) answers.push(await request(`${api().url}${path}`));
      for (const { status, body } of answers) {
        const shown = JSON.stringify(body);
        assert.deepEqual([status, body.status, body.errorType], [400, 'error', 'bad_data'], shown);
        assert.match(body.error, message);
      }
    }
  });

  it('get 400 on every route when one is missing, comes twice or is in milliseconds', async () => {
    const cases: [string, RegExp][] = [
      ['query', /query: expected a value; the parameter is missing/],
      ['query?query=t&query=up', /query: expected once; got 2 times/],
      [`query?query=t&time=${END}000`, /time: .* milliseconds/],
      [`series?start=${BEGIN}`, /match\[\]: expected a series selector/],
      [`series?match[]=t&start=${BEGIN}000`, /start: .* milliseconds/],
      [`series?match[]=${encodeURIComponent('rate(t[1m])')}`, /match\[\]: expected one series selector/],
      [`labels?end=${END}000`, /end: .* milliseconds/],
      [`label/kind/values?end=${END}000`, /end: .* milliseconds/],
      [`labels?start=2&end=1`, /end: expected a time not before start/],
      [
        `labels?${'match[]=t&'.repeat(2)}${Array.from({ length: 65 }, (_, i) => `match[]=t${i}`).join('&')}`,
        /64/,
      ],
      [`query_exemplars?query=t&start=2&end=1`, /end: expected a time not before start/],
      [`label/a%2fb/values`, /name: expected the name of a label/],
      [`label/..%2flabels/values`, /name: expected the name of a label/],
    ];
    for (const [path, message] of cases) {
      for (const prefix of ['/api/metrics', '/api/metrics/prom/api/v1']) {
        const { status, body } = await request(`${api().url}${prefix}/${path}`);
        assert.deepEqual([status, body.errorType], [400, 'bad_data'], path);
        assert.match(body.error, message);
      }
    }
  });

  it("get our error without the TSDB's text when the TSDB refuses them", async () => {
    const query = 'label_replace(t, "a", "$1", "b", "(")';
    const { status, body } = await request(
      `${api().url}${rangePath({ query, start: `${BEGIN}`, end: `${END}` })}`,
    );
    assert.ok(['execution', 'bad_data'].includes(body.errorType), `${status}`);
    assert.ok(!body.error.includes('127.0.0.1') && !body.error.includes('label_replace'));
  });
});
