import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { assertAccessible, assertFits, chartOf, openPage, startBrowser } from '../support/browser.ts';
import { post } from '../support/http.ts';
import {
  freePort,
  startOrchestrator,
  startRedis,
  startVictoriaMetrics,
  startWorkers,
} from '../support/processes.ts';
import { type Scope, suiteScope } from '../support/scope.ts';

/** A whole system without traffic. */
async function startQuietStack(scope: Scope) {
  const [redis, port, workersPort] = [await startRedis(scope), await freePort(), await freePort()];
  const tsdb = await startVictoriaMetrics(
    scope,
    `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - { job_name: asdlc, static_configs: [{ targets: ["127.0.0.1:${port}", "127.0.0.1:${workersPort}"] }] }`,
  );
  const env = { REDIS_URL: redis.url, VICTORIAMETRICS_URL: tsdb.url, SCRAPE_INTERVAL: '1' };
  const [orchestrator, workers] = await Promise.all([
    startOrchestrator(scope, { ...env, SERVICE_PORT: `${port}` }),
    startWorkers(scope, { ...env, SERVICE_PORT: `${workersPort}` }),
  ]);
  return { url: orchestrator.url, workers };
}

/** 1280 px at a zoom of 400 %. */
const ZOOMED = { viewport: { width: 320, height: 256 } };

describe('the page of a new system', () => {
  const scope = suiteScope();
  let browser: Browser;
  let url: string;
  let workers: Awaited<ReturnType<typeof startQuietStack>>['workers'];

  before(async () => {
    [browser, { url, workers }] = await Promise.all([startBrowser(scope), startQuietStack(scope)]);
  });

  it('begins with five minutes, offers a first task, and does not say that all is well', async (t) => {
    const { page, faults } = await openPage(t, browser, `${url}/?refresh=5s`);
    await page.getByRole('heading', { level: 1, name: 'Nothing is wrong, and no task runs' }).waitFor();
    await page.getByRole('button', { name: 'Last 5m' }).waitFor();
    assert.equal(new URL(page.url()).search, '?refresh=5s');
    const first = page.getByRole('region', { name: 'First step' });
    await first.getByText(`curl '${url}/api/tasks'`).waitFor();
    await assertAccessible(page, 'the first step');
    await first.getByRole('button', { name: 'Submit a task' }).click();
    const dialog = page.getByRole('dialog', { name: 'Submit a task' });
    await dialog.getByLabel('Event type').fill('echo');
    await dialog.getByRole('button', { name: 'Submit', exact: true }).click();
    await page.waitForURL(/\/tasks\//);
    await page.goto(`${url}/?refresh=5s`);
    await page.getByRole('heading', { level: 1, name: 'All systems normal' }).waitFor();
    assert.equal(await first.count(), 0);
    await page.getByRole('button', { name: '1h', exact: true }).click();
    await page.waitForURL(/range=1h/);
    assert.deepEqual(faults, []);
  });

  it('scrolls sideways on no page at a zoom of 400 %', async (t) => {
    const { body } = await post(`${url}/api/tasks`, {
      event_type: 'fail',
      payload: { a: 'x'.repeat(300) },
      max_attempts: 1,
    });
    const now = Math.floor(Date.now() / 1000);
    for (const path of [
      '/',
      `/?from=${now - 600}&to=${now}&compare=1d`,
      '/?panel=event_wait',
      '/tasks',
      '/tasks?status=dead',
      '/tasks?error=nothing-has-this',
      `/tasks/${body.id}`,
      '/workers',
      '/explore',
      '/explore?q=rate(asdlc_http_requests_total[1m])',
    ]) {
      const { page, faults } = await openPage(t, browser, `${url}${path}`, ZOOMED);
      if (path === '/') await chartOf(page, 'CPU').waitFor();
      await page.locator('main h1, main h2, main h3, .empty-state, dialog').first().waitFor();
      await page.locator('.skeleton').first().waitFor({ state: 'detached' }); // the network is never idle: events come
      await assertFits(page).catch((error: Error) => assert.fail(`${path}: ${error.message}`));
      const dialog = page.getByRole('dialog');
      if ((await dialog.count()) > 0) {
        const [width, inner] = await dialog.evaluate((each) => [each.scrollWidth, each.clientWidth]);
        assert.ok(Number(width) <= Number(inner), `${path}: the dialog has ${width} px in ${inner}`);
      }
      assert.deepEqual(faults, [], path);
    }
  });

  it('says that nothing runs while no worker is live', async (t) => {
    const { page } = await openPage(t, browser, `${url}/?refresh=5s`);
    await workers.stop('SIGTERM');
    await page.getByRole('heading', { level: 1, name: /no worker is live/i }).waitFor({ timeout: 30_000 });
    const tile = page.locator('.tile', { hasText: 'Failing attempts' });
    await tile.getByText('No attempts').waitFor();
    await tile.getByText('no worker is live').waitFor();
  });
});
