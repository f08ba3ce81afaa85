import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { startRuledPrometheus } from '../support/alerts/ruled-prometheus.ts';
import { assertAccessible, assertFits, LOOKS, openPage, startBrowser } from '../support/browser.ts';
import { type RunningServer, startOrchestrator, startRedis } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';

describe('alerts on the overview', () => {
  const scope = suiteScope();
  let browser: Browser;
  let prometheus: RunningServer;
  let redis: RunningServer;
  let url: string;

  before(async () => {
    [browser, prometheus, redis] = await Promise.all([
      startBrowser(scope),
      startRuledPrometheus(scope),
      startRedis(scope),
    ]);
    const env = { REDIS_URL: redis.url, VICTORIAMETRICS_URL: prometheus.url, ALERTS_URL: prometheus.url };
    url = (await startOrchestrator(scope, env)).url;
  });

  for (const [look, options] of LOOKS) {
    it(`stand above all else, the worst first, with a link to the runbook (${look})`, async (t) => {
      const { page, faults } = await openPage(t, browser, `${url}/?refresh=off`, options);
      const banner = page.getByRole('region', { name: 'Alerts' });
      await banner.getByText('Waiting').waitFor();
      assert.deepEqual(await banner.locator('strong').allTextContents(), ['Broken', 'Slow', 'Waiting']);
      await banner.getByText('7 parts are broken').waitFor();
      await page.getByRole('heading', { level: 1, name: '2 alerts fire' }).waitFor();
      const runbook = banner.getByRole('link', { name: 'Runbook' });
      assert.equal(await runbook.getAttribute('href'), 'http://127.0.0.1:8080/runbooks/RedisDown');
      const first = page.locator('main section').first();
      assert.equal(await first.getAttribute('aria-label'), 'Alerts');
      await assertAccessible(page, look);
      await assertFits(page);
      assert.deepEqual(faults, []);
    });
  }

  it('are said to be old while nobody knows them, and nothing stands there without ALERTS_URL', async (t) => {
    const plain = (await startOrchestrator(scope, { REDIS_URL: redis.url })).url;
    const none = await openPage(t, browser, `${plain}/?refresh=off`);
    await none.page.getByRole('heading', { level: 1 }).waitFor();
    const { page } = await openPage(t, browser, `${url}/?refresh=5s`);
    const banner = page.getByRole('region', { name: 'Alerts' });
    await banner.getByText('Broken', { exact: true }).waitFor();
    await prometheus.stop('SIGKILL');
    await banner.getByText(/^The alerts may be old: Expected alerts from/).waitFor();
    await banner.getByText('Broken', { exact: true }).waitFor();
    assert.equal(await none.page.getByRole('region', { name: 'Alerts' }).count(), 0);
  });
});
