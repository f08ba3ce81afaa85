import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
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

describe('rules and alerts of ALERTS_URL', () => {
  const scope = suiteScope();
  let redis: string;
  let prometheus: string;
  const start = async (env: NodeJS.ProcessEnv) =>
    (await startOrchestrator(scope, { REDIS_URL: redis, ...env })).url;

  before(async () => {
    redis = (await startRedis(scope)).url;
    prometheus = (await startRuledPrometheus(scope)).url;
  });

  it('of Prometheus: all that fire or are pending, and rules by type', async () => {
    const url = await start({ ALERTS_URL: prometheus });
    const { status, headers, body } = await request(`${url}${API}/alerts`);
    assert.deepEqual([status, headers.get('cache-control')], [200, 'no-store']);
    assert.deepEqual(states(body.data.alerts), { Broken: 'firing', Slow: 'firing', Waiting: 'pending' });
    assert.equal(body.data.alerts[0].annotations.summary, '7 parts are broken');
    const namesOf = async (query: string) => {
      const { groups } = (await request(`${url}${API}/rules${query}`)).body.data;
      return groups.flatMap(({ rules }: { rules: { name: string }[] }) => rules.map(({ name }) => name));
    };
    assert.deepEqual(await namesOf(''), ['a:one', 'Broken', 'Slow', 'Waiting']);
    assert.deepEqual(await namesOf('?type=record'), ['a:one']);
    assert.deepEqual(await namesOf('?type=alert'), ['Broken', 'Slow', 'Waiting']);
    const refused = await request(`${url}${API}/rules?type=both`);
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
    const url = await start({ ALERTS_URL: `${vmalert.url}/` });
    const { body } = await request(`${url}${API}/alerts`);
    assert.deepEqual(states(body.data.alerts), { Broken: 'firing', Slow: 'firing', Waiting: 'pending' });
    assert.equal((await request(`${url}${API}/rules?type=alert`)).body.data.groups[0].rules.length, 3);
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
    const url = await start({ ALERTS_URL: alertmanager.url });
    const { alerts } = (await request(`${url}${API}/alerts`)).body.data;
    assert.deepEqual(states(alerts), { Broken: 'firing' });
    assert.deepEqual(alerts[0].annotations, sent.annotations);
    assert.equal(Date.parse(alerts[0].activeAt), Date.parse(startsAt));
    assert.deepEqual((await request(`${url}${API}/rules`)).body.data, { groups: [] });
  });

  it('show a caller with enforced labels only alerts with these labels, also through the state of a rule', async () => {
    const token = 'a token for service b';
    const path = join(await temporaryFolder(scope), 'tokens.yml');
    const sha256 = createHash('sha256').update(token.replaceAll(' ', '-')).digest('hex');
    await writeFile(
      path,
      `tokens:\n  - { name: b, sha256: "${sha256}", scopes: ["metrics:read"], labels: { service: b } }\n`,
    );
    const url = await start({ ALERTS_URL: prometheus, API_TOKENS_FILE: path });
    const headers = { authorization: `Bearer ${token.replaceAll(' ', '-')}` };
    assert.equal((await request(`${url}${API}/alerts`)).status, 401);
    const { alerts } = (await request(`${url}${API}/alerts`, { headers })).body.data;
    assert.deepEqual(states(alerts), { Slow: 'firing' });
    const [{ rules }] = (await request(`${url}${API}/rules?type=alert`, { headers })).body.data.groups;
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

  it('are found again when an Alertmanager takes the place of a proxy that answered 404', async () => {
    const sent = [{ labels: { alertname: 'Broken' }, annotations: {}, startsAt: new Date().toISOString() }];
    let isThere = false;
    const server = createServer((request, response) => {
      const isKnown = isThere && request.url?.startsWith('/api/v2/alerts');
      response.writeHead(isKnown ? 200 : 404).end(isKnown ? JSON.stringify(sent) : '');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    scope.after(() => server.close());
    const { port } = server.address() as { port: number }; // a TCP server has one
    const url = await start({ ALERTS_URL: `http://127.0.0.1:${port}` });
    assert.equal((await request(`${url}${API}/alerts`)).status, 503);
    isThere = true;
    const { alerts } = (await request(`${url}${API}/alerts`)).body.data;
    assert.deepEqual(states(alerts), { Broken: 'firing' });
  });

  it('are a 503 that says why while nothing answers there, or something else does', async () => {
    const other = createServer((_, response) => response.end('<html>')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    scope.after(() => other.close());
    const { port } = other.address() as { port: number }; // a TCP server has one
    for (const ALERTS_URL of [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${port}`]) {
      const url = await start({ ALERTS_URL });
      for (const path of ['alerts', 'rules']) {
        const { status, body } = await request(`${url}${API}/${path}`);
        assert.deepEqual([status, body.errorType], [503, 'unavailable']);
        assert.match(
          body.error,
          /^Expected alerts from vmalert, .* at ALERTS_URL; got no connection or no JSON\.$/,
        );
      }
    }
  });
});
