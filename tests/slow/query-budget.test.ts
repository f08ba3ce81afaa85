import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { MAX_HELD_MS, MAX_P99_MS, watchLoop } from '../support/beside.ts';
import { faultyTsdb, sendJson } from '../support/faulty-tsdb.ts';
import { type Answer, request } from '../support/http.ts';

const KIB = 1024;
const watch = await watchLoop();
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

interface Route {
  readonly method: string;
  readonly path: string;
}

const repeat = (unit: string, bytes: number) => unit.repeat(Math.floor(bytes / unit.length));
/** A form that repeats one parameter, with values of `each` bytes and `total` in all. */
const many = (name: string, value: string, total: number) =>
  repeat(`${name}=${encodeURIComponent(value)}&`, total);

/** Texts that are as large as they may be, or larger, each in a way that costs somebody something. */
function shapes(bytes: number): Record<string, string> {
  const query = (text: string) =>
    new URLSearchParams({ query: text, start: '0', end: '60', step: '15' }).toString();
  const fit = bytes / 3; // encoded it takes up to three times as much
  const large = (name: string) => new URLSearchParams({ 'match[]': `up{${repeat(`${name}!="",`, 16_000)}}` });
  const texts: Record<string, string> = {
    'names alone': repeat('a&', bytes),
    'empty names': repeat('&', bytes),
    'one name many times': repeat('query=up&', bytes),
    'names that differ': Array.from({ length: bytes / 8 }, (_, i) => `${i.toString(36)}=1`)
      .join('&')
      .slice(0, bytes),
    escapes: `a=${repeat('%41', bytes - 2)}`,
    'broken escapes': `query=${repeat('%', bytes - 6)}`,
    'plus signs': `query=${repeat('+', bytes - 6)}`,
    'short selectors': many('match[]', 'up', bytes),
    'selectors of a service': `service=a&${many('match[]', `up{a="${'x'.repeat(400)}"} # c`, 30 * KIB)}`,
    'two large selectors': `service=a&${large('a')}&${large('b')}`,
    'long selectors': many('match[]', `up{a="${'x'.repeat(2_000)}"}`, bytes),
    'selectors of many matchers': many('match[]', `{${repeat('a!="",', 8_000)}}`, bytes),
    'two hundred parameters': Array.from({ length: 200 }, (_, i) => `match[]=up${i}`).join('&'),
    'a sum of many': query(repeat('a+', fit)),
    'open parentheses': query(repeat('(', fit)),
    'open braces': query(repeat('{', fit)),
    'open quotes': query(repeat('"', fit)),
    'quotes with escapes': query(`up{a="${repeat('\\\\', fit)}`),
    comments: query(repeat('#\n', fit)),
    'unary signs': query(`${repeat('-', fit)}1`),
    'calls in calls': query(`${repeat('abs(', fit)}`),
    'a chain of operators': query(`a${repeat(' or a', fit)}`),
    matchers: query(`up{${repeat('a="b",', fit)}}`),
    'a long name': query(repeat('a', fit)),
    digits: query(repeat('1', fit)),
    durations: query(`up[${repeat('1h', fit)}]`),
    'a time without an end': `time=${repeat('1', bytes - 5)}&query=up&start=${repeat('0', 99)}`,
  };
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text.slice(0, bytes)]));
}

describe('the largest request of every shape', () => {
  const tsdb = faultyTsdb({ QUERY_RATE_LIMIT: '0', ...watch.env });
  let routes: Route[];

  before(async () => {
    tsdb.answer = ({ url = '' }, response) => {
      const vector = { resultType: 'vector', result: [{ metric: {}, value: [1, '1'] }] };
      const data = url.includes('/label/') ? ['up'] : url.includes('/metadata') ? {} : vector;
      sendJson(response, JSON.stringify({ status: 'success', data }));
    };
    const { body } = await request(`${tsdb.url}/openapi.json`);
    const paths = Object.entries<Record<string, unknown>>(body.paths);
    routes = paths
      .filter(([path]) => path.startsWith('/api/metrics/'))
      .flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => ({
          method: method.toUpperCase(),
          path: path.replace('{name}', path.includes('panels') ? 'cpu' : 'service'),
        })),
      );
    assert.ok(routes.length > 20);
  });

  const send = ({ method, path }: Route, form: string, query = ''): Promise<Answer> => {
    const url = `${tsdb.url}${path}${query && `?${query}`}`;
    return request(url, method === 'POST' ? { method, headers: FORM, body: form } : { method });
  };

  it('is answered at once on every route, and a healthy client beside it waits no longer', async (t) => {
    let isOver = false;
    const latencies: number[] = [];
    const poll = async () => {
      while (!isOver) {
        const startedAt = performance.now();
        const { status } = await request(`${tsdb.url}/api/metrics/query?query=up`);
        latencies.push(performance.now() - startedAt);
        assert.equal(status, 200);
      }
    };
    const polled = poll();
    const polling = async () => {
      isOver = true;
      await polled;
    };
    t.after(polling);
    const urls = Object.entries(shapes(12 * KIB));
    const forms = [...Object.entries(shapes(128 * KIB)), ...Object.entries(shapes(1024 * KIB))];
    for (const route of routes) {
      await watch.read();
      const isPost = route.method === 'POST';
      for (const [name, text] of isPost ? forms : urls) {
        const { status, body } = await (isPost ? send(route, text) : send(route, '', text));
        const what = `${route.method} ${route.path} ${name}: ${status} ${JSON.stringify(body).slice(0, 200)}`;
        assert.ok([200, 400, 413, 422].includes(status), what);
        if (status !== 200) assert.deepEqual(Object.keys(body), ['status', 'errorType', 'error'], what);
      }
      const { heldMs } = await watch.read();
      assert.ok(heldMs < MAX_HELD_MS, `${route.method} ${route.path} held the loop for ${heldMs} ms`);
    }
    await polling();
    latencies.sort((a, b) => a - b);
    const p99 = latencies[Math.floor(latencies.length * 0.99)] ?? 0;
    assert.ok(p99 < MAX_P99_MS, `p99 ${p99} ms of ${latencies.length}`);
  });

  it('is refused beyond 128 KiB, 200 parameters and 32 KiB of PromQL, each named', async () => {
    const post = { method: 'POST', path: '/api/metrics/query' };
    const outcome = async (form: string, query = '') => {
      const { status, body } = await send(post, form, query);
      return [status, body.errorType ?? body.status, body.error];
    };
    const padding = (bytes: number) => `query=up&a=${'x'.repeat(bytes - 11)}`;
    assert.deepEqual(await outcome(padding(128 * KIB)), [200, 'success', undefined]);
    assert.deepEqual((await outcome(padding(128 * KIB + 1))).slice(0, 2), [413, 'bad_data']);
    const others = (count: number) => repeat('&a', count * 2);
    assert.deepEqual(await outcome(`query=up${others(150)}`, `b${others(48)}`), [200, 'success', undefined]);
    assert.deepEqual(await outcome(`query=up${others(150)}`, `b${others(49)}`), [
      400,
      'bad_data',
      'expected at most 200 parameters; got 201',
    ]);
    const selectors = (count: number) => many('match[]', `up{a="${'x'.repeat(1_017)}"}`, count * 1_100);
    const series = async (count: number) => {
      const text = Array.from({ length: count }, () => selectors(1)).join('');
      const { status, body } = await send({ method: 'POST', path: '/api/metrics/series' }, text.slice(0, -1));
      return [status, body.error];
    };
    assert.equal((await series(31))[0], 200);
    assert.deepEqual(await series(33), [
      400,
      `expected at most 32768 bytes of queries and selectors in all; got ${33 * 1_025}`,
    ]);
  });
});
