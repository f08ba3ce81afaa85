import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { request, sample } from '../support/http.ts';
import { startOrchestrator, startRedis, startVictoriaMetrics } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { importSamples } from '../support/tsdb.ts';
import { until } from '../support/until.ts';

const nowSeconds = () => Date.now() / 1000;

describe('the result cache', () => {
  const scope = suiteScope();
  let cached: string;
  let fresh: string;

  before(async () => {
    // The default: VictoriaMetrics holds back newer samples, and results about them change.
    const latency = '-search.latencyOffset=30s';
    const [redis, tsdb] = await Promise.all([
      startRedis(scope),
      startVictoriaMetrics(scope, undefined, [latency]),
    ]);
    const env = { REDIS_URL: redis.url, VICTORIAMETRICS_URL: tsdb.url, SCRAPE_INTERVAL: '1' };
    const [one, other] = await Promise.all([
      startOrchestrator(scope, { ...env, QUERY_CACHE_SECONDS: '300' }),
      startOrchestrator(scope, { ...env, QUERY_CACHE_SECONDS: '0' }),
    ]);
    [cached, fresh] = [one.url, other.url];
    const samplesAt = (times: readonly number[]) => {
      const lines = times.flatMap((time) =>
        ['a', 'b'].map(
          (service) => `t{service="${service}"} ${Math.floor(time) % 977} ${Math.round(time * 1000)}`,
        ),
      );
      return lines.join('\n');
    };
    await importSamples(tsdb.url, samplesAt(Array.from({ length: 120 }, (_, i) => nowSeconds() - i * 5)));
    // Samples go on coming while it is asked, as scrapes write them.
    const importUrl = `${tsdb.url}/api/v1/import/prometheus`;
    const write = () => fetch(importUrl, { method: 'POST', body: samplesAt([nowSeconds()]) });
    const timer = setInterval(() => void write().catch(() => undefined), 50);
    scope.after(() => clearInterval(timer));
    await until('the samples can be queried', async () => {
      const { body } = await request(`${fresh}/api/metrics/query?query=count(t)`);
      return body.data.result[0]?.value[1] === '2';
    });
  });

  const ask = async (url: string, parameters: Record<string, string | number>) => {
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) form.set(name, `${value}`);
    const { status, body } = await request(`${url}/api/metrics/query_range?${form}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body.data.result.sort((x: object, y: object) => (JSON.stringify(x) < JSON.stringify(y) ? -1 : 1));
  };
  const asked = () =>
    sample(cached, 'asdlc_query_upstream_duration_seconds_count', { endpoint: 'query_range' });

  it('returns what a fresh query returns, while samples arrive', async () => {
    const queries = [
      't',
      'sum(t)',
      'rate(t[1m])',
      'max_over_time(t[30s])',
      't offset 20s',
      'sum by (service) (t) > 100',
      'count_over_time(t[1m:5s])',
    ];
    const inputs = {
      query: fc.constantFrom(...queries),
      step: fc.constantFrom(1, 5, 15, 60),
      length: fc.integer({ min: 0, max: 40 }),
      age: fc.integer({ min: 0, max: 200 }),
      service: fc.constantFrom(undefined, 'a'),
      unaligned: fc.boolean(),
    };
    await fc.assert(
      fc.asyncProperty(fc.record(inputs), async ({ query, step, length, age, service, unaligned }) => {
        const end = Math.floor((nowSeconds() - age) / step) * step + (unaligned ? 0.5 : 0);
        const range = { query, start: end - length * step, end, step, ...(service && { service }) };
        // Results newer than 30 s and two scrapes are not kept: the two may differ.
        const hasSettled = end <= nowSeconds() - 32;
        for (let i = 0; i < 2; i++) await ask(cached, range); // the second result is kept
        const [again, now] = [await ask(cached, range), await ask(fresh, range)];
        if (hasSettled) assert.deepEqual(again, now);
      }),
      { numRuns: 150 },
    );
  });

  it('asks the TSDB twice for a settled result, and every time for an unsettled one', async () => {
    const step = 5;
    const settled = Math.floor((nowSeconds() - 60) / step) * step;
    const count = async (end: number) => {
      const first = Number(await asked());
      for (let i = 0; i < 5; i++) await ask(cached, { query: 'avg(t)', start: end - 50, end, step });
      return Number(await asked()) - first;
    };
    assert.equal(await count(settled), 2);
    assert.equal(await count(settled + 1), 5);
    assert.equal(await count(Math.floor(nowSeconds() / step) * step), 5);
    const ahead = { query: 't offset -1m', start: settled - 50, end: settled, step };
    const first = Number(await asked());
    for (let i = 0; i < 2; i++) await ask(cached, ahead);
    assert.equal(Number(await asked()) - first, 2);
  });
});
