import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { assertAccessible, assertFits, openPage, startBrowser } from '../support/browser.ts';
import { addDeadTasks } from '../support/dead-tasks.ts';
import { post, request } from '../support/http.ts';
import { startOrchestrator, startRedis } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';

const WAITING = 20_000;
const DEAD = 1_000;

describe('the tasks page with 20,000 waiting and 1,000 dead tasks', () => {
  const scope = suiteScope();
  let browser: Browser;
  let url: string;

  before(async () => {
    const [started, redis] = await Promise.all([startBrowser(scope), startRedis(scope)]);
    browser = started;
    const env = { REDIS_URL: redis.url, VICTORIAMETRICS_URL: 'http://127.0.0.1:9' };
    url = (await startOrchestrator(scope, env)).url;
    const dead = Array.from({ length: DEAD }, (_, n) => ({
      event_type: 'invoice.send',
      error: `no answer in ${n} ms`,
    }));
    await addDeadTasks(url, adminOf(scope, redis.url), dead);
    const tasks = Array.from({ length: 1_000 }, (_, n) => ({ event_type: n % 2 ? 'mail.send' : 'report' }));
    for (let sent = 0; sent < WAITING; sent += tasks.length) {
      assert.equal((await post(`${url}/api/tasks/batch`, { tasks })).status, 202);
    }
  });

  it('lists, filters and opens them, with the keyboard', async (t) => {
    const { page, faults } = await openPage(t, browser, `${url}/tasks?refresh=off`);
    const rows = page.getByRole('table').locator('tbody tr');
    await rows.nth(49).waitFor();
    await page.getByRole('button', { name: 'queued', exact: true }).press('Enter');
    await page.getByText('Last submitted first', { exact: true }).first().waitFor();
    await page.getByLabel('Event type', { exact: true }).fill('mail.send');
    await page.keyboard.press('Enter');
    await page.waitForURL(/type=mail\.send/);
    await rows.filter({ hasText: 'report' }).first().waitFor({ state: 'detached' });
    await rows.nth(49).waitFor();
    await assertAccessible(page, 'the list');
    await rows.first().getByRole('link').press('Enter');
    const detail = page.getByRole('dialog', { name: /^Task / });
    await detail.getByRole('button', { name: 'Run again' }).waitFor();
    await assertAccessible(page, 'a task');
    await assertFits(page);
    await page.keyboard.press('Escape');
    await detail.waitFor({ state: 'detached' });
    await page.goto(`${url}/tasks/nobody`);
    await page.getByText('There is no such task').waitFor();
    assert.deepEqual(faults, []);
  });

  it('groups the dead ones, and retries them all', async (t) => {
    const { page, faults } = await openPage(t, browser, `${url}/tasks?status=dead&refresh=5s`);
    const group = page.getByRole('region', { name: 'Errors' }).getByRole('listitem');
    await group.getByText('1,000 ×').waitFor();
    await assertAccessible(page, 'groups');
    await group.getByRole('button', { name: 'Retry all' }).press('Enter');
    const question = page.getByRole('dialog', { name: /^Retry all/ });
    await question.getByRole('button', { name: 'Retry 1,000 tasks' }).press('Enter');
    await question.getByText('1,000 of 1,000 queued again.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('No task matches').waitFor();
    const { waiting, dead } = (await request(`${url}/api/queue`)).body.tasks;
    assert.deepEqual([waiting, dead], [WAITING + DEAD, 0]);
    assert.deepEqual(faults, []);
  });

  for (const [name, payload] of [
    ['one text', { text: 'x'.repeat(700_000) }],
    ['many lines', Array.from({ length: 120_000 }, (_, n) => n)],
    ['turned and marked text', `\u202Ea${'\u0336'.repeat(8)}`.repeat(30_000)],
  ] as const) {
    it(`opens a task with a payload of 0.7 MB without blocking the page: ${name}`, async (t) => {
      const { body } = await post(`${url}/api/tasks`, { event_type: 'large', payload });
      const { page, faults } = await openPage(t, browser, `${url}/tasks?type=large&refresh=off`);
      const link = page.getByRole('table').getByRole('link').first();
      await link.waitFor();
      await observeLongTasks(page);
      await page.evaluate(`document.querySelector('a[href*="${body.id}"]').click()`);
      const part = page.getByRole('dialog', { name: /^Task / }).getByRole('region', { name: 'Payload' });
      await part.getByRole('button', { name: 'Download' }).waitFor();
      await page.getByRole('button', { name: 'Run again' }).click();
      await page.getByText('The whole payload is sent.').waitFor();
      t.diagnostic(`longest task of the page: ${await longestTask(page)} ms`);
      const { length } = await page.content();
      assert.ok(length < 200_000, `${length} characters are in the page: to lay out more would block it`);
      assert.deepEqual(faults, []);
    });
  }
});

function observeLongTasks(page: Page): Promise<unknown> {
  return page.evaluate(`{
    globalThis.longest = 0;
    globalThis.observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) globalThis.longest = Math.max(globalThis.longest, duration);
    });
    globalThis.observer.observe({ type: 'longtask' });
  }`);
}

/** In milliseconds; 0: none took 50. The browser tells of a task once it has ended. */
function longestTask(page: Page): Promise<number> {
  return page.evaluate(
    'new Promise((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(globalThis.longest))))',
  );
}
