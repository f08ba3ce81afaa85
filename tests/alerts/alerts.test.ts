import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { rulesFile } from '../../scripts/alert-rules.ts';
import { USUAL_SETTINGS } from '../../src/infrastructure/telemetry/alerts/alert.ts';
import {
  type Notification,
  startAlertmanager,
  startVmalert,
  startWebhook,
  type Webhook,
} from '../support/alerts/alertmanager.ts';
import { startWedgingProxy, type WedgingProxy } from '../support/alerts/wedging-proxy.ts';
import { keepScreenshot, openPage, startBrowser } from '../support/browser.ts';
import { post } from '../support/http.ts';
import {
  freePort,
  type RunningServer,
  startOrchestrator,
  startRedis,
  startVictoriaMetrics,
  startWorkers,
  temporaryFolder,
} from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { startPrometheus } from '../support/tsdb.ts';
import { until } from '../support/until.ts';

/** Ten minutes take one: the shipped rules with all times shortened. */
const TIME_SCALE = 0.1;
const LIMIT_MS = 120_000;
const EVALUATORS = ['prometheus', 'vmalert'];

describe('the rules in Prometheus and in vmalert, through Alertmanager to a webhook', () => {
  const scope = suiteScope();
  let redis: RunningServer;
  let proxy: WedgingProxy;
  let url: string;
  let webhook: Webhook;
  let startOwnWorkers: () => Promise<RunningServer>;

  const isLast = (alert: string, evaluator: string, status: Notification['status']) =>
    webhook.received.findLast(({ labels }) => labels.alertname === alert && labels.evaluator === evaluator)
      ?.status === status;
  const reach = async (status: Notification['status'], ...alerts: string[]) => {
    for (const alert of alerts) {
      for (const evaluator of EVALUATORS)
        await until(
          `${alert} of ${evaluator} is ${status}`,
          () => isLast(alert, evaluator, status),
          LIMIT_MS,
        );
    }
  };

  before(async () => {
    redis = await startRedis(scope, undefined, ['--appendonly', 'yes']);
    proxy = await startWedgingProxy(scope, redis.port);
    const env = { TASK_RETRY_DELAY: '0.05' };
    const orchestratorPort = await freePort();
    url = `http://127.0.0.1:${orchestratorPort}`;
    const SERVICE_PORT = String(await freePort());
    const REDIS_URL = `redis://127.0.0.1:${proxy.port}`;
    startOwnWorkers = () => startWorkers(scope, { ...env, REDIS_URL, SERVICE_PORT });
    const folder = await temporaryFolder(scope);
    const rulesPath = join(folder, 'asdlc.rules.yml');
    await writeFile(rulesPath, rulesFile({ ...USUAL_SETTINGS, dashboardUrl: url, timeScale: TIME_SCALE }));
    webhook = await startWebhook(scope);
    const alertmanager = await startAlertmanager(scope, webhook);
    const global = 'global: { scrape_interval: 2s, scrape_timeout: 2s';
    const jobs = `scrape_configs:
  - { job_name: asdlc-orchestrator, static_configs: [{ targets: ["${new URL(url).host}"] }] }
  - { job_name: asdlc-workers, static_configs: [{ targets: ["127.0.0.1:${SERVICE_PORT}"] }] }
`;
    const tsdb = await startVictoriaMetrics(scope, `${global} }\n${jobs}`);
    await startPrometheus(
      scope,
      `${global}, external_labels: { evaluator: prometheus } }
rule_files: ["${rulesPath}"]
alerting: { alertmanagers: [{ static_configs: [{ targets: ["127.0.0.1:${alertmanager.port}"] }] }] }
${jobs}`,
      { folder },
    );
    const vmalert = await startVmalert(scope, rulesPath, { tsdb: tsdb.url, alertmanager: alertmanager.url });
    await startOrchestrator(scope, {
      ...env,
      SERVICE_PORT: `${orchestratorPort}`,
      REDIS_URL: redis.url,
      VICTORIAMETRICS_URL: tsdb.url,
      ALERTS_URL: vmalert.url,
      SCRAPE_INTERVAL: '2',
    });
  });

  it('see a mass death on a worker that has just started', async () => {
    const tasks = Array.from({ length: 506 }, () => ({ event_type: 'fail.for-good', max_attempts: 1 }));
    for (let i = 0; i < tasks.length; i += 100) {
      const { status } = await post(`${url}/api/tasks/batch`, { tasks: tasks.slice(i, i + 100) });
      assert.equal(status, 202);
    }
    await startOwnWorkers();
    await reach('firing', 'DeadTasks', 'MassDeath');
    const { annotations, labels } =
      webhook.received.find(({ labels }) => labels.alertname === 'DeadTasks') ?? assert.fail();
    assert.deepEqual([labels.event_type, labels.reason], ['fail.for-good', 'not_retryable']);
    assert.match(annotations.summary ?? '', /^\d+ tasks of fail\.for-good were given up$/);
    const runbook = await fetch(annotations.runbook_url ?? '');
    assert.match(await runbook.text(), /^# DeadTasks\n/);
    assert.equal((await fetch(annotations.dashboard_url ?? '')).status, 200);
  });

  it('stand on the dashboard above all else, with links to the runbooks', async (t) => {
    const viewport = { width: 1440, height: 380 };
    const browser = await startBrowser(t);
    const { page, faults } = await openPage(t, browser, `${url}/?range=15m&refresh=off`, { viewport });
    const banner = page.getByRole('region', { name: 'Alerts' });
    await banner.getByText('MassDeath', { exact: true }).waitFor();
    const links = await banner.getByRole('link', { name: 'Runbook' }).evaluateAll((all) => all.map(String));
    assert.ok(links.includes(`${url}/runbooks/MassDeath`), links.join(' '));
    await page.getByRole('heading', { level: 1, name: 'alerts fire' }).waitFor();
    await page.getByText('1/1 up').nth(1).waitFor();
    await keepScreenshot(page, 'alerts');
    assert.deepEqual(faults, []);
  });

  it('see a worker with idle slots that asks for no tasks, and when it asks again', async () => {
    proxy.wedge();
    await reach('firing', 'ConsumerWedged');
    proxy.release();
    await reach('resolved', 'ConsumerWedged');
  });

  it('see that Redis is down, and when it is back', async () => {
    const folder = redis.child.spawnargs[redis.child.spawnargs.indexOf('--dir') + 1] ?? '';
    await redis.stop('SIGKILL');
    await reach('firing', 'RedisDown');
    await startRedis(scope, redis.port, ['--appendonly', 'yes', '--dir', folder]);
    await reach('resolved', 'RedisDown');
  });

  it('see the end of the deaths after ten minutes of their time', async () => {
    await reach('resolved', 'DeadTasks', 'MassDeath');
  });

  it('fired for what was broken, and for nothing else', () => {
    const broken = ['ConsumerWedged', 'DeadTasks', 'MassDeath', 'RedisDown'];
    /** What a Redis that is killed, or so many failed attempts at once, bring with them. */
    const alike = ['RedisErrors', 'AttemptFailRate', 'CollectorErrors', 'QueueLatency', 'TasksStalled'];
    const fired = new Set(webhook.received.map(({ labels }) => labels.alertname ?? ''));
    assert.deepEqual(
      [...fired].filter((name) => ![...broken, ...alike].includes(name)),
      [],
    );
    assert.deepEqual(
      broken.filter((name) => !fired.has(name)),
      [],
    );
  });
});
