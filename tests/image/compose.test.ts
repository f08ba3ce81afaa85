import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { ruleGroups } from '../../src/infrastructure/telemetry/alerts.ts';
import { type ComposeHost, type ComposeRun, healthy, runCompose } from '../support/deploy/compose-run.ts';
import { buildImage, IMAGE } from '../support/deploy/image/asdlc-image.ts';
import { openImage } from '../support/deploy/image/container.ts';
import { request } from '../support/http.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

/** Two scrapes, and the 30 s for which VictoriaMetrics holds new samples back. */
const STORED_MS = 120_000;

describe('deploy/compose.yml as it is, on Debian’s programs', () => {
  const scope = suiteScope();
  let compose: ComposeRun;
  let url: string;
  let headers: Record<string, string>;

  before(async () => {
    await buildImage(scope);
    compose = await runCompose(scope, await openImage(scope, IMAGE));
    url = `http://${only('orchestrator').address}:8080`;
    headers = {
      authorization: `Bearer ${readFileSync(join(compose.secrets, 'admin-token'), 'utf8').trim()}`,
    };
  });

  const hostsOf = (service: string): readonly ComposeHost[] => {
    const hosts = compose.hosts.get(service);
    assert.ok(hosts, service);
    return hosts;
  };
  const only = (service: string): ComposeHost => {
    const [host, ...more] = hostsOf(service);
    assert.ok(host && more.length === 0, service);
    return host;
  };
  const query = async (promql: string): Promise<string | undefined> => {
    const path = `/api/metrics/query?${new URLSearchParams({ query: promql })}`;
    const { status, body } = await request(url + path, { headers });
    assert.equal(status, 200, JSON.stringify(body));
    return body.data.result[0]?.value[1];
  };

  it('becomes healthy, each service by its own check', async () => {
    assert.deepEqual(
      [...compose.hosts.keys()],
      ['orchestrator', 'workers', 'redis', 'victoria-metrics', 'vmagent', 'vmalert', 'alertmanager'],
    );
    for (const hosts of compose.hosts.values()) await healthy(hosts);
    assert.equal(hostsOf('workers').length, 2);
  });

  it('keeps the tasks in Redis, with what asdlc expects of it', async () => {
    const { body } = await request(`${url}/metrics`, { headers });
    const findings = [...String(body).matchAll(/^asdlc_redis_misconfigured\{.*finding="(\w+)".*\} (\d)$/gm)];
    assert.ok(findings.length > 0, body);
    assert.deepEqual(
      findings.filter(([, , value]) => value !== '0').map(([line]) => line),
      [],
    );
  });

  it('runs tasks, and brings what vmagent scrapes of every process to the query API', async () => {
    for (let i = 0; i < 10; i++) {
      const body = JSON.stringify({ event_type: 'demo.fast' });
      const sent = { ...headers, 'content-type': 'application/json' };
      assert.equal((await request(`${url}/api/tasks`, { method: 'POST', headers: sent, body })).status, 202);
    }
    const processed = 'sum(asdlc_events_processed_total{event_type="demo.fast",status="success"})';
    await until('all attempts are stored', async () => (await query(processed)) === '10', STORED_MS);
    const up = (job: string) => query(`sum(up{job="${job}"})`);
    await until(
      'the stored scrapes are of running processes',
      async () => (await up('asdlc-orchestrator')) === '1' && (await up('asdlc-workers')) === '2',
      STORED_MS,
    );
  });

  it('has the alerts, which the dashboard reads from vmalert', async () => {
    const { status, body } = await request(`${url}/api/metrics/prom/api/v1/rules`, { headers });
    assert.equal(status, 200, JSON.stringify(body));
    const names = body.data.groups.map((group: { name: string }) => group.name);
    assert.deepEqual(
      names.toSorted(),
      ruleGroups()
        .map(({ name }) => name)
        .toSorted(),
    );
  });

  it('asks for a token on every way in', async () => {
    assert.equal((await request(`${url}/api/tasks`)).status, 401);
    assert.equal((await request(`${url}/metrics`)).status, 401);
    for (const { address } of hostsOf('workers'))
      assert.equal((await request(`http://${address}:8081/metrics`)).status, 401);
    const tsdb = `http://${only('victoria-metrics').address}:8428`;
    const deletion = await request(`${tsdb}/api/v1/admin/tsdb/delete_series?match[]=up`);
    assert.ok([400, 401].includes(deletion.status), `${deletion.status}`); // 400 of version 1.79
    assert.match(deletion.body, /authKey/);
  });

  it('stops without a kill', async () => {
    for (const service of ['workers', 'orchestrator', 'vmagent', 'vmalert', 'victoria-metrics', 'redis'])
      for (const { container } of hostsOf(service))
        assert.equal(await container.stop(), 0, container.output());
  });
});
