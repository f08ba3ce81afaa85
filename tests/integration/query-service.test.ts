import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ADVERSARIAL, assertHidden } from '../support/hidden-series.ts';
import { request } from '../support/http.ts';
import { BEGIN, describeQueryApi, END, ODD_SERVICE, type QueryApi } from '../support/tsdb.ts';

async function ask({ url }: QueryApi, method: string, path: string, parameters: Record<string, string>) {
  const form = new URLSearchParams(parameters);
  const target = `${url}/api/metrics/${path}`;
  return method === 'GET' ? request(`${target}?${form}`) : request(target, { method, body: form });
}

describeQueryApi('service=', (api) => {
  const start = String(BEGIN);
  const end = String(END);

  it('restricts every query', async () => {
    const seen = { 200: 0, other: 0 };
    for (const query of ADVERSARIAL) {
      for (const method of ['GET', 'POST']) {
        const hidden = { query, service: 'b' };
        const instant = await ask(api(), method, 'query', { ...hidden, time: end });
        assertHidden(query, instant);
        const range = { ...hidden, start, end, step: '1' };
        assertHidden(query, await ask(api(), method, 'query_range', range));
        assertHidden(query, await ask(api(), method, 'query_exemplars', { ...hidden, start, end }));
        seen[instant.status === 200 ? 200 : 'other']++;
      }
    }
    assert.ok(seen[200] > seen.other, JSON.stringify(seen));
  });

  it('restricts selectors on every route that has them, also when none is given', async () => {
    const selectors = ADVERSARIAL.filter((query) => !/[()]/.test(query));
    const without = [{}, ...selectors.map((selector) => ({ 'match[]': selector }))];
    for (const match of without) {
      const parameters = { ...match, service: 'b', start, end };
      for (const method of ['GET', 'POST']) {
        for (const path of ['series', 'labels', 'prom/api/v1/series', 'prom/api/v1/labels']) {
          assertHidden(`${path} ${JSON.stringify(match)}`, await ask(api(), method, path, parameters));
        }
      }
      for (const label of ['__name__', 'service', 'only_a']) {
        const { status, body } = await ask(api(), 'GET', `label/${label}/values`, parameters);
        assert.ok([200, 400, 422].includes(status));
        assert.ok(
          !/secret|"a"|yes/.test(JSON.stringify(body.data ?? null)),
          `${label} ${JSON.stringify(match)}`,
        );
      }
    }
  });

  it('returns the series of the service', async () => {
    const series = async (parameters: Record<string, string>) => {
      const { status, body } = await ask(api(), 'GET', 'query', { query: 't', time: end, ...parameters });
      assert.equal(status, 200, JSON.stringify(body));
      return body.data.result.map(({ metric }: { metric: { service: string } }) => metric.service).toSorted();
    };
    assert.deepEqual(await series({}), ['a', 'b', ODD_SERVICE].toSorted());
    assert.deepEqual(await series({ service: 'b' }), ['b']);
    assert.deepEqual(await series({ service: ODD_SERVICE }), [ODD_SERVICE]);
    for (const service of [
      'b"} or t{service="a',
      'b\\',
      'b\n',
      '.*',
      'a|b',
      'b,service=a',
      'a\u0000',
      '\ud800',
    ]) {
      assert.deepEqual(await series({ service }), [], service);
    }
    assert.deepEqual(await series({ service: 'b', query: 't # of b\n{kind="x"}' }), ['b']);
  });

  it('is the only filter: those of VictoriaMetrics are dropped', async () => {
    const widening = {
      extra_label: 'service=a',
      'extra_filters[]': '{service="a"}',
      extra_filters: '{service="a"}',
    };
    for (const method of ['GET', 'POST']) {
      const parameters = { query: 't', time: end, ...widening };
      const all = await ask(api(), method, 'query', parameters);
      assert.equal(all.body.data.result.length, 3);
      const one = await ask(api(), method, 'query', { ...parameters, service: 'b' });
      assert.deepEqual([one.body.data.result.length, one.body.data.result[0].metric.service], [1, 'b']);
    }
  });
});
