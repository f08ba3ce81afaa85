import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { assertAccessible, keepScreenshot, openPage, startBrowser } from '../support/browser.ts';
import { post, request } from '../support/http.ts';
import {
  freePort,
  startOrchestrator,
  startRedis,
  startVictoriaMetrics,
  startWorkers,
  temporaryFolder,
} from '../support/processes.ts';
import { type Scope, suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

/** The mail server is away while the file `away` exists; the other handlers need none. */
const handlersModule = (away: string) => `
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
export const handlers = {
  'report.build': ({ signal }) => setTimeout(120, undefined, { signal }),
  'image.resize': ({ signal }) => setTimeout(40, undefined, { signal }),
  'invoice.send': () => {
    if (existsSync(${JSON.stringify(away)})) throw new Error('no answer from mail.example in 30 s');
  },
};
`;

/** How often a task of each event type comes. */
const INTERVALS_MS = { 'invoice.send': 100, 'image.resize': 400, 'report.build': 700 };

/** Two worker processes, and tasks that come all the time. */
async function startSystem(scope: Scope) {
  const [redis, folder] = [await startRedis(scope), await temporaryFolder(scope)];
  const ports = [await freePort(), await freePort(), await freePort()] as const;
  const target = (job: string, port: number) =>
    `{ job_name: ${job}, static_configs: [{ targets: ["127.0.0.1:${port}"] }] }`;
  const tsdb = await startVictoriaMetrics(
    scope,
    `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - ${target('asdlc-orchestrator', ports[0])}
  - { job_name: asdlc-workers, static_configs: [{ targets: ["127.0.0.1:${ports[1]}", "127.0.0.1:${ports[2]}"] }] }`,
  );
  const away = join(folder, 'away');
  const handlers = join(folder, 'handlers.mjs');
  await writeFile(handlers, handlersModule(away));
  const env = { REDIS_URL: redis.url, VICTORIAMETRICS_URL: tsdb.url, SCRAPE_INTERVAL: '1' };
  const startWorker = (port: number) =>
    startWorkers(scope, { ...env, WORKER_HANDLERS: handlers, SERVICE_PORT: `${port}` });
  const [orchestrator, victim] = await Promise.all([
    startOrchestrator(scope, { ...env, SERVICE_PORT: `${ports[0]}` }),
    startWorker(ports[1]),
    startWorker(ports[2]),
  ]);
  for (const [event_type, intervalMs] of Object.entries(INTERVALS_MS)) {
    const task = { event_type, max_attempts: 1, payload: { customer: 4711 } };
    const send = () => post(`${orchestrator.url}/api/tasks`, task).catch(() => undefined);
    const timer = setInterval(() => void send(), intervalMs);
    scope.after(() => clearInterval(timer));
  }
  return { url: orchestrator.url, victim, away, restart: () => startWorker(ports[1]) };
}

/** Slow: a worker counts as vanished after half a minute, and the pictures need some minutes of history. */
describe('an incident, with the page alone', () => {
  const scope = suiteScope();

  it('shows what is wrong, where and since when, offers what to do, and shows that it heals', async (t) => {
    const [{ url, victim, away, restart }, browser] = await Promise.all([
      startSystem(scope),
      startBrowser(scope),
    ]);
    const history = process.env.SCREENSHOTS ? 120_000 : 5_000;
    const startedAt = Date.now();
    await until('there is a calm history', () => Date.now() - startedAt > history, history + 10_000);
    const deadCount = async () => (await request(`${url}/api/queue`)).body.tasks.dead as number;

    await writeFile(away, '');
    await victim.stop('SIGKILL');
    await until('many tasks are dead', async () => (await deadCount()) > 150, 60_000);
    const { page, faults } = await openPage(t, browser, `${url}/?refresh=5s&tz=utc`);
    const heading = page.getByRole('heading', { level: 1 });
    await until(
      'the overview names it',
      async () => /attempts fail/i.test((await heading.textContent()) ?? ''),
      60_000,
    );
    await page.getByRole('img', { name: 'Event-loop delay: chart' }).waitFor();
    await keepScreenshot(page, 'incident-1-overview');

    await page.getByRole('link', { name: 'Why?' }).click();
    const line = (text: RegExp) => page.getByRole('listitem').filter({ hasText: text });
    const slow = { timeout: 60_000 };
    await line(/Worker .+ vanished: it was last seen then/).waitFor(slow);
    await line(/No scrape of asdlc-workers at 127\.0\.0\.1:\d+ succeeds/).waitFor(slow);
    await line(/Up to [\d.]+% of attempts failed/).waitFor(slow);
    const group = line(/[\d,]+ tasks of invoice\.send died: no answer from mail\.example in <n> s/);
    await group.waitFor();
    await assertAccessible(page, 'an incident');
    await keepScreenshot(page, 'incident-2-why');

    await group.getByRole('link', { name: 'Chart' }).click();
    await page.getByRole('dialog', { name: 'Tasks given up' }).getByRole('img').waitFor();
    await page.goBack();

    await group.getByRole('link', { name: 'Tasks' }).click();
    await page.getByRole('table').getByRole('link').first().click();
    const task = page.getByRole('dialog', { name: /^Task / });
    await task.getByText('no answer from mail.example in 30 s').first().waitFor();
    await assertAccessible(page, 'a dead task');
    await keepScreenshot(page, 'incident-3-task');
    await page.goBack();
    await page.goBack();

    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Tasks' }).click();
    await page.getByRole('button', { name: 'dead', exact: true }).click();
    const errors = page.getByRole('region', { name: 'Errors' });
    await errors.getByText('no answer from mail.example in <n> s').waitFor();
    await page.getByRole('table').getByRole('link').first().waitFor();
    await keepScreenshot(page, 'incident-4-errors');
    await page.goto(`${url}/why?refresh=5s&tz=utc`);

    await rm(away); // the mail server answers again, and the worker is back
    await restart();
    await group.getByRole('link', { name: 'Retry them' }).click();
    const dialog = page.getByRole('dialog', { name: /Retry/ });
    const confirm = dialog.getByRole('button', { name: /^Retry [\d,]+ tasks$/ });
    await confirm.waitFor();
    await keepScreenshot(page, 'incident-5-retry');
    await confirm.click();
    await dialog.getByText(/[\d,]+ of [\d,]+ queued/).waitFor();
    await page.keyboard.press('Escape');
    await until('no task is dead', async () => (await deadCount()) === 0, 30_000);

    await healed(page, url);
    await group.waitFor({ state: 'detached' });
    await line(/About [\d,]+ tasks of invoice\.send were given up/).waitFor(slow);
    await line(/Somebody changed many tasks; the audit lines of the log say who/).waitFor(slow);
    await keepScreenshot(page, 'incident-6-healed');
    assert.deepEqual(faults, []);
  });
});

/**
 * Waits on the timeline until nothing is wrong any more. The share of failed attempts is that of five minutes: it falls
 * below its limit sooner with more attempts that succeed.
 */
async function healed(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/why?refresh=5s&tz=utc`);
  const calm = page
    .getByRole('region', { name: 'Now' })
    .getByText('Nothing is wrong that the sources know of.');
  const tasks = Array.from({ length: 1_000 }, () => ({ event_type: 'invoice.send' }));
  const waiting = async () => (await request(`${url}/api/queue`)).body.tasks.waiting as number;
  await until(
    'nothing is wrong',
    async () => {
      if (await calm.isVisible()) return true;
      if ((await waiting()) < 500) await post(`${url}/api/tasks/batch`, { tasks });
      return false;
    },
    240_000,
  );
}
