import assert from 'node:assert/strict';
import { before, describe, it, type TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openPage, startBrowser } from '../support/browser.ts';
import { post, runTask, sample } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

describe('news of tasks on the page', () => {
  const scope = suiteScope();
  let browser: Browser;
  let orchestrator: RunningServer;

  before(async () => {
    const [started, redis] = await Promise.all([startBrowser(scope), startRedis(scope)]);
    browser = started;
    const env = { REDIS_URL: redis.url, VICTORIAMETRICS_URL: 'http://127.0.0.1:9' };
    [orchestrator] = await Promise.all([startOrchestrator(scope, env), startWorkers(scope, env)]);
    await runTask(orchestrator.url, { event_type: 'echo' });
  });

  /** Opens the page, and counts its requests to the API. */
  const open = async (t: TestContext, path: string, prepare?: (page: Page) => Promise<unknown>) => {
    const { page, faults } = await openPage(t, browser, 'about:blank');
    await prepare?.(page);
    const asked: string[] = [];
    page.on('request', (request) => {
      const { pathname } = new URL(request.url());
      if (/^\/api\/(tasks|queue|events)/.test(pathname)) asked.push(pathname);
    });
    await page.goto(`${orchestrator.url}${path}`);
    return { page, faults, asked, rows: page.getByRole('table').locator('tbody tr') };
  };
  const streams = (count: number) =>
    until(`${count} streams are open`, async () => {
      return (await sample(orchestrator.url, 'asdlc_event_listeners', { kind: 'stream' })) === count;
    });

  it('change the list, the counts and the open task at once, and an idle page asks seldom', async (t) => {
    const { id } = await runTask(orchestrator.url, { event_type: 'echo', delay_ms: 600_000 }, ['delayed']);
    const { page, asked, rows } = await open(t, `/tasks/${id}?refresh=5s`, (page) => page.clock.install());
    await page.getByText(/^Live, updated/).waitFor();
    const dialog = page.getByRole('dialog', { name: /^Task / });
    await dialog.getByText('delayed', { exact: true }).first().waitFor();
    await until('it has read what it shows', async () => {
      const count = asked.length;
      await page.clock.runFor(1_000);
      return asked.length === count;
    });
    const before = [...asked];
    await page.clock.runFor(7_000);
    assert.deepEqual(asked, before, 'a page that polls would have asked after 5 s');
    assert.ok(asked.length < 20, `it asked ${asked}`);
    await post(`${orchestrator.url}/api/tasks/${id}/run`, '');
    await dialog.getByText('completed', { exact: true }).first().waitFor();

    const shown = await rows.count();
    const lists = () => asked.filter((path) => path === '/api/tasks' || path === '/api/queue').length;
    const listsBefore = lists();
    await runTask(orchestrator.url, { event_type: 'echo' });
    await page.clock.runFor(30_000);
    assert.equal(lists(), listsBefore, 'the list behind the task rests');
    await dialog.getByRole('button', { name: 'Close' }).click();
    await until('what came meanwhile is shown', async () => (await rows.count()) === shown + 1);
    await runTask(orchestrator.url, { event_type: 'echo' });
    await until('the new task is shown', async () => (await rows.count()) === shown + 2);
    assert.equal(asked.filter((path) => path === '/api/events').length, 1);
  });

  it('are not followed by a hidden tab', async (t) => {
    const { page } = await open(t, '/tasks');
    await streams(1);
    const hide = (isHidden: boolean) =>
      page.evaluate(`Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'))`);
    await hide(true);
    await streams(0);
    await hide(false);
    await streams(1);
  });

  it('are polled where the stream cannot be had', async (t) => {
    const refuse = (page: Page) =>
      page.route('**/api/events', (route) => route.fulfill({ status: 503, body: '{}' }));
    const { page, rows } = await open(t, '/tasks?refresh=5s', refuse);
    await page.getByText(/^Updated/).waitFor();
    await rows.first().waitFor();
    const shown = await rows.count();
    await runTask(orchestrator.url, { event_type: 'echo' });
    await until('the new task is shown', async () => (await rows.count()) === shown + 1);
  });
});
