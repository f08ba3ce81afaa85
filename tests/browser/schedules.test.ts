import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { assertAccessible, assertFits, LOOKS, openPage, startBrowser } from '../support/browser.ts';
import { request } from '../support/http.ts';
import { startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

describe('the schedules page', () => {
  const scope = suiteScope();
  let browser: Browser;
  let url: string;

  const put = (id: string, schedule: unknown) =>
    request(`${url}/api/schedules/${id}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(schedule),
    });
  const get = async (id: string) => (await request(`${url}/api/schedules/${id}`)).body;

  before(async () => {
    const [started, redis] = await Promise.all([startBrowser(scope), startRedis(scope)]);
    browser = started;
    const env = { REDIS_URL: redis.url, VICTORIAMETRICS_URL: 'http://127.0.0.1:9' };
    [{ url }] = await Promise.all([startOrchestrator(scope, env), startWorkers(scope, env)]);
    await put('report.daily', {
      cron: '0 6 * * 1-5',
      time_zone: 'America/Argentina/ComodRivadavia',
      event_type: 'echo',
      payload: { path: '.', days: 1 },
    });
    await put('sync', { every_ms: 300_000, event_type: 'schedule.of' });
    await put(`long.${'x'.repeat(59)}`, { every_ms: 3_600_000, event_type: `t${'y'.repeat(63)}` });
    const admin = adminOf(scope, redis.url);
    await admin.zadd('{asdlc}:tasks:asdlc:schedules', '+inf', 'damaged');
  });

  it('runs, pauses, resumes and removes a schedule, and leads to its task and back', async (t) => {
    const { page, faults } = await openPage(t, browser, `${url}/schedules?refresh=5s`);
    const card = page.getByRole('listitem').filter({ hasText: 'every 5 min' });
    const act = async (button: string) => {
      await card.getByRole('button', { name: button }).click();
      const dialog = page.getByRole('dialog');
      await assertAccessible(page, button);
      await dialog.getByRole('button', { name: button }).click();
      await dialog.waitFor({ state: 'detached' });
    };
    await act('Run now');
    await card.getByText('completed').waitFor();
    await act('Pause');
    await card.getByText('Paused').waitFor();
    assert.equal((await get('sync')).paused, true);
    await act('Resume');
    await card.getByText('Running').waitFor();
    await card.getByRole('link').nth(1).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('link', { name: 'sync' }).click();
    await page.getByRole('heading', { name: 'Schedule', exact: true }).waitFor();
    assert.match(page.url(), /\/schedules\/sync/);
    await page.getByRole('link', { name: 'All schedules' }).click();
    await page.getByLabel('Id or event type contains').fill('daily');
    await until('one is shown', async () => (await page.locator('.schedule-card').count()) === 1);
    await page.getByLabel('Id or event type contains').fill('nothing');
    await page.getByText('No schedule matches').waitFor();
    await page.getByLabel('Id or event type contains').fill('');
    await act('Remove');
    await until('it is gone', async () => (await card.count()) === 0);
    assert.deepEqual(faults, []);
  });

  it('shows the payload of one, and says that another does not exist', async (t) => {
    const { page } = await openPage(t, browser, `${url}/schedules/report.daily`);
    await page.getByText('"path": "."').waitFor();
    await page.goto(`${url}/schedules/no.such`);
    await page.getByText('There is no such schedule').waitFor();
  });

  for (const [name, look] of LOOKS) {
    it(`is accessible and fits: ${name}`, async (t) => {
      const { page, faults } = await openPage(t, browser, `${url}/schedules`, look);
      await page.getByText('report.daily').waitFor();
      await page.getByText('It makes no tasks').waitFor();
      await assertAccessible(page, name);
      await assertFits(page);
      if (process.env.SCREENSHOT_SCHEDULES)
        await page.screenshot({ path: `/tmp/schedules-${name}.png`, fullPage: true });
      assert.deepEqual(faults, []);
    });
  }

  it('fits at 400 % zoom', async (t) => {
    const { page } = await openPage(t, browser, `${url}/schedules`, {
      viewport: { width: 320, height: 256 },
    });
    await page.getByText('report.daily').waitFor();
    await assertFits(page);
  });
});
