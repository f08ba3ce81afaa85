import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { createAlertsSource } from '../../src/orchestrator/query/alerts/alerts-source.ts';
import { startAlertmanager, startVmalert, startWebhook } from '../support/alerts/alertmanager.ts';
import { RULES, startRuledPrometheus, untilAlerts } from '../support/alerts/ruled-prometheus.ts';
import { request } from '../support/http.ts';
import {
  freePort,
  startOrchestrator,
  startRedis,
  startVictoriaMetrics,
  temporaryFolder,
} from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';

const API = '/api/metrics/prom/api/v1';

interface AlertOfApi {
  readonly state: string;
  readonly activeAt: string;
  readonly labels: { readonly alertname: string };
  readonly annotations: Readonly<Record<string, string>>;
}

const states = (alerts: readonly AlertOfApi[]) =>
  Object.fromEntries(alerts.map(({ labels, state }) => [labels.alertname, state]));

const sha256 = (token: string) => createHash('sha256').update(token).digest('hex');

const [ALL, ONE] = ['a-token-for-all-alerts', 'a-token-for-service-b'];
const TOKENS = `tokens:
  - { name: all, sha256: "${sha256(ALL)}", scopes: ["metrics:read"] }
  - { name: b, sha256: "${sha256(ONE)}", scopes: ["metrics:read"], labels: { service: b } }
`;

describe('rules and alerts of ALERTS_URL', () => {
  const scope = suiteScope();
  let redis: string;
  let url: string;
  const start = async (env: NodeJS.ProcessEnv) =>
    (await startOrchestrator(scope, { REDIS_URL: redis, ...env })).url;
  const get = (path: string, token: string) =>
    request(`${url}${API}/${path}`, { headers: { authorization: `Bearer ${token}` } });
  /** Without an orchestrator around it. */
  const sourceOf = (address: string) => {
    const source = createAlertsSource(address);
    scope.after(() => source.close());
    return source;
  };

  before(async () => {
    redis = (await startRedis(scope)).url;
    const path = join(await temporaryFolder(scope), 'tokens.yml');
    await writeFile(path, TOKENS);
    const prometheus = (await startRuledPrometheus(scope)).url;
    url = await start({ ALERTS_URL: prometheus, API_TOKENS_FILE: path });
  });

  it('of Prometheus: all that fire or are pending, and rules by type', async () => {
    const { status, headers, body } = await get('alerts', ALL);
    assert.deepEqual([status, headers.get('cache-control')], [200, 'no-store']);
    assert.deepEqual(states(body.data.alerts), { Broken: 'firing', Slow: 'firing', Waiting: 'pending' });
    assert.equal(body.data.alerts[0].annotations.summary, '7 parts are broken');
    const namesOf = async (query: string) => {
      const { groups } = (await get(`rules${query}`, ALL)).body.data;
      return groups.flatMap(({ rules }: { rules: { name: string }[] }) => rules.map(({ name }) => name));
    };
    assert.deepEqual(await namesOf(''), ['a:one', 'Broken', 'Slow', 'Waiting']);
    assert.deepEqual(await namesOf('?type=record'), ['a:one']);
    assert.deepEqual(await namesOf('?type=alert'), ['Broken', 'Slow', 'Waiting']);
    const refused = await get('rules?type=both', ALL);
    assert.deepEqual(
      [refused.status, refused.body.error],
      [400, 'type: expected alert or record; got "both"'],
    );
  });

  it('of vmalert', async () => {
    const tsdb = await startVictoriaMetrics(scope);
    const alertmanager = await startAlertmanager(scope, await startWebhook(scope));
    const path = join(await temporaryFolder(scope), 'rules.yml');
    await writeFile(path, RULES);
    const vmalert = await startVmalert(scope, path, { tsdb: tsdb.url, alertmanager: alertmanager.url });
    await untilAlerts(vmalert.url);
    const source = sourceOf(`${vmalert.url}/`);
    const alerts = (await source.alerts()) as unknown as AlertOfApi[]; // further fields are passed on
    assert.deepEqual(states(alerts), { Broken: 'firing', Slow: 'firing', Waiting: 'pending' });
    const [group] = await source.groups();
    const types = group?.rules.map(({ type }) => type).sort();
    assert.deepEqual(types, ['alerting', 'alerting', 'alerting', 'recording']);
  });

  it('of Alertmanager: the alerts that it sends, in the same shape, and no rules', async () => {
    const alertmanager = await startAlertmanager(scope, await startWebhook(scope));
    const startsAt = new Date().toISOString();
    const sent = { labels: { alertname: 'Broken' }, annotations: { summary: 'It is broken' }, startsAt };
    const { status } = await fetch(`${alertmanager.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([sent]),
    });
    assert.equal(status, 200);
    const source = sourceOf(alertmanager.url);
    const alerts = (await source.alerts()) as unknown as AlertOfApi[]; // further fields are passed on
    assert.deepEqual(states(alerts), { Broken: 'firing' });
    assert.deepEqual(alerts[0]?.annotations, sent.annotations);
    assert.equal(Date.parse(alerts[0]?.activeAt ?? ''), Date.parse(startsAt));
    assert.deepEqual(await source.groups(), []);
  });

  it('show a caller with enforced labels only alerts with these labels, also through the state of a rule', async () => {
    assert.equal((await request(`${url}${API}/alerts`)).status, 401);
    const { alerts } = (await get('alerts', ONE)).body.data;
    assert.deepEqual(states(alerts), { Slow: 'firing' });
    const [{ rules }] = (await get('rules?type=alert', ONE)).body.data.groups;
    const shown = rules.map(({ name, state, alerts }: { name: string; state: string; alerts: unknown[] }) => [
      name,
      state,
      alerts.length,
    ]);
    assert.deepEqual(shown, [
      ['Broken', 'inactive', 0],
      ['Slow', 'firing', 1],
      ['Waiting', 'inactive', 0],
    ]);
  });

  it('are a 503 that says why until an Alertmanager takes the place of what answered there', async () => {
    const sent = [{ labels: { alertname: 'Broken' }, annotations: {}, startsAt: new Date().toISOString() }];
    const port = await freePort();
    const at = await start({ ALERTS_URL: `http://127.0.0.1:${port}` });
    const assertRefused = async () => {
      for (const path of ['alerts', 'rules']) {
        const { status, body } = await request(`${at}${API}/${path}`);
        assert.deepEqual([status, body.errorType], [503, 'unavailable']);
        assert.match(body.error, /^Expected alerts from vmalert, .* at ALERTS_URL; got no /);
      }
    };
    await assertRefused(); // nothing listens
    let answer: (path: string) => [status: number, body: string] = () => [200, '<html>'];
    const server = createServer((request, response) => {
      const [status, body] = answer(request.url ?? '');
      response.writeHead(status).end(body);
    }).listen(port, '127.0.0.1');
    await once(server, 'listening');
    scope.after(() => server.close());
    await assertRefused();
    answer = () => [404, ''];
    await assertRefused();
    answer = (path) => (path.startsWith('/api/v2/alerts') ? [200, JSON.stringify(sent)] : [404, '']);
    const { alerts } = (await request(`${at}${API}/alerts`)).body.data;
    assert.deepEqual(states(alerts), { Broken: 'firing' });
  });
});
