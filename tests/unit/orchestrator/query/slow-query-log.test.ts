import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { pino } from 'pino';
import { MetricsRegistry } from '../../../../src/infrastructure/metrics/index.ts';
import { NO_ALERTS } from '../../../../src/orchestrator/query/alerts/alerts-source.ts';
import { queryApi } from '../../../../src/orchestrator/query/query-api.ts';
import { createQueryMetrics } from '../../../../src/orchestrator/query/query-metrics.ts';
import { createTsdb } from '../../../../src/orchestrator/query/tsdb.ts';
import { loadOrchestratorConfig } from '../../../../src/shared/config.ts';
import { createHttpServer } from '../../../../src/shared/service/http-server.ts';
import { rangePath } from '../../../support/faulty-tsdb.ts';
import { request } from '../../../support/http.ts';
import { until } from '../../../support/until.ts';

/** Starts the query API in front of a TSDB that is away. Returns its URL and the lines that it has logged. */
async function startQueryApi(t: TestContext, slowQuerySeconds: number) {
  const lines: string[] = [];
  const logger = pino({ level: 'warn' }, { write: (line) => void lines.push(line) });
  const config = loadOrchestratorConfig({ VICTORIAMETRICS_URL: 'http://user:hidden@127.0.0.1:1' });
  const metrics = createQueryMetrics(new MetricsRegistry(), 'test');
  const { client, close, ...probes } = createTsdb(config, { observer: metrics.observer, logger });
  const app = createHttpServer(logger);
  await app.register(queryApi, {
    prefix: '/api/metrics',
    tsdb: client,
    ...probes,
    metrics,
    alerts: NO_ALERTS,
    authorize: async () => undefined,
    dialect: 'promql',
    flags: {},
    rateLimit: 0,
    scrapeIntervalSeconds: 15,
    slowQuerySeconds,
    isStopping: () => false,
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  t.after(async () => {
    await app.close();
    await close();
  });
  return { url, lines, slow: () => lines.filter((line) => line.includes('slow query')) };
}

describe('slow query log', () => {
  it('shows a slow query on one line, without the contents of its strings, tokens and passwords', async (t) => {
    const { url, lines, slow } = await startQueryApi(t, 0);
    const query = 'sum(\n  t{user="4711"} # about 4711\n)';
    const headers = { authorization: 'Bearer a-secret-of-the-team' };
    await request(`${url}${rangePath({ query })}`, { headers });
    await until('the query is logged', () => slow().length === 1);
    const line = JSON.parse(slow()[0] ?? '');
    assert.deepEqual([line.endpoint, line.status, line.query], ['query_range', 503, 'sum( t{user="?"} )']);
    assert.doesNotMatch(lines.join(''), /4711|a-secret-of-the-team|hidden/);
  });

  it('shows that a slow request was over its budget', async (t) => {
    const { url, slow } = await startQueryApi(t, 0);
    const { status } = await request(`${url}${rangePath()}${'&a'.repeat(200)}`);
    assert.equal(status, 400);
    await until('the query is logged', () => slow().length === 1);
    assert.equal(JSON.parse(slow()[0] ?? '').query, '(not PromQL, or too long)');
  });

  it('does not contain faster queries', async (t) => {
    const { url, lines, slow } = await startQueryApi(t, 60);
    await request(`${url}${rangePath()}`);
    await until('the TSDB is known to be away', () => lines.length > 0);
    assert.deepEqual(slow(), []);
  });
});
