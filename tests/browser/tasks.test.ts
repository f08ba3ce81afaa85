import assert from 'node:assert/strict';
import { before, describe, it, type TestContext } from 'node:test';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { assertAccessible, assertFits, keepScreenshot, openPage, startBrowser } from '../support/browser.ts';
import { request, runTask } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

describe('the tasks page', () => {
  const scope = suiteScope();
  let browser: Browser;
  let redis: RunningServer;
  let orchestrator: RunningServer;

  before(async () => {
    [browser, redis] = await Promise.all([startBrowser(scope), startRedis(scope)]);
    const env = { REDIS_URL: redis.url, VICTORIAMETRICS_URL: 'http://127.0.0.1:9' };
    [orchestrator] = await Promise.all([startOrchestrator(scope, env), startWorkers(scope, env)]);
    for (let i = 0; i < 60; i++) await runTask(orchestrator.url, { event_type: 'echo', payload: { i } });
    await runTask(orchestrator.url, { event_type: 'fail', max_attempts: 1 });
  });

  const open = (t: TestContext, path: string, options: BrowserContextOptions = {}) =>
    openPage(t, browser, `${orchestrator.url}${path}`, options);

  it('lists tasks by status and event type, page by page, from its URL', async (t) => {
    const { page, faults } = await open(t, '/tasks');
    const rows = page.getByRole('table').locator('tbody tr');
    await until('a page is shown', async () => (await rows.count()) === 50);
    await page.getByRole('button', { name: 'Show more' }).click();
    await until('all are shown', async () => (await rows.count()) === 61);
    await page.getByRole('button', { name: 'dead', exact: true }).click();
    await until('the dead one is shown', async () => (await rows.count()) === 1);
    assert.match(await rows.innerText(), /fail\s+Dead\s+1\/1.*as asked/s);
    const link = await open(t, new URL(page.url()).pathname + new URL(page.url()).search);
    await link.page.getByText('as asked').waitFor();
    await page.getByLabel('Event type').fill('echo');
    await page.keyboard.press('Enter');
    await page.getByText('No task matches').waitFor();
    await assertAccessible(page, 'no tasks');
    await page.getByLabel('Event type').fill('Not a type');
    await page.keyboard.press('Enter');
    await page.getByText('Expected a lower-case letter').waitFor();
    assert.deepEqual(faults, []);
  });

  it('submits a task, says what is wrong with it, and follows it to its end', async (t) => {
    const { page, faults } = await open(t, '/tasks?refresh=5s');
    await page.getByRole('button', { name: 'Submit a task' }).first().click();
    const form = page.getByRole('dialog', { name: 'Submit a task' });
    await form.getByLabel('Payload').fill('{"ms": }');
    await form.getByRole('button', { name: 'Submit' }).click();
    await form.getByText('Expected JSON.').waitFor();
    await form.getByText('Expected a lower-case letter').waitFor();
    await assertAccessible(page, 'a form with errors');
    await form.getByLabel('Event type').fill('slow');
    await form.getByLabel('Payload').fill('{"ms": 1500}');
    await form.getByRole('button', { name: 'Submit' }).click();
    const detail = page.getByRole('dialog', { name: /^Task / });
    await detail.getByText('"ms": 1500').waitFor();
    await detail.getByText('completed', { exact: true }).waitFor();
    await assertAccessible(page, 'a task');
    await detail.getByRole('button', { name: 'Close' }).click();
    await page.waitForURL((url) => url.pathname === '/tasks');
    assert.deepEqual(faults, []);
  });

  it('retries a dead task and cancels a delayed one, once that is confirmed', async (t) => {
    const dead = await runTask(orchestrator.url, { event_type: 'fail', max_attempts: 1 });
    const { page } = await open(t, `/tasks/${dead.id}?refresh=5s`);
    const detail = page.getByRole('dialog', { name: /^Task / });
    await detail.getByRole('button', { name: 'Retry' }).click();
    const question = page.getByRole('dialog', { name: 'Retry this task?' });
    await assertAccessible(page, 'a question');
    await question.getByRole('button', { name: 'Keep as it is' }).click();
    const finished = dead.finished_at;
    assert.equal((await taskAt(dead.id)).finished_at, finished);
    await detail.getByRole('button', { name: 'Retry' }).click();
    await question.getByRole('button', { name: 'Retry' }).click();
    await until('it has run again', async () => {
      const task = await taskAt(dead.id);
      return task.status === 'dead' && task.finished_at !== finished;
    });

    const delayed = await runTask(orchestrator.url, { event_type: 'echo', delay_ms: 3_600_000 }, ['delayed']);
    const other = await open(t, `/tasks/${delayed.id}`);
    await other.page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await other.page.getByRole('button', { name: 'Cancel task' }).click();
    await other.page.waitForURL((url) => url.pathname === '/tasks');
    assert.equal((await request(`${orchestrator.url}/api/tasks/${delayed.id}`)).status, 404);
    assert.deepEqual(other.faults, []);
  });

  const taskAt = async (id: string) => (await request(`${orchestrator.url}/api/tasks/${id}`)).body;

  it('pauses and resumes the queue', async (t) => {
    const { page } = await open(t, '/tasks?refresh=5s');
    await page.getByRole('button', { name: 'Pause the queue' }).click();
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByText('Paused', { exact: true }).waitFor();
    assert.equal((await request(`${orchestrator.url}/api/queue`)).body.paused, true);
    await page.getByRole('button', { name: 'Resume the queue' }).click();
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await page.getByText('Taking tasks', { exact: true }).waitFor();
    assert.equal((await request(`${orchestrator.url}/api/queue`)).body.paused, false);
  });

  for (const [name, options] of [
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['phone', { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
  ] as const) {
    it(`fits, has no fault, and nothing that axe-core finds: ${name}`, async (t) => {
      const { page, faults } = await open(t, '/tasks?tz=utc', options);
      await page.getByRole('table').waitFor();
      await assertAccessible(page, name);
      await assertFits(page);
      assert.deepEqual(faults, []);
      if (name !== 'phone') await keepScreenshot(page, `tasks-${name}`);
    });
  }

  it('keeps what it knows, with the reason, when Redis is gone', async (t) => {
    const { page } = await open(t, '/tasks?refresh=5s');
    await page.getByRole('table').waitFor();
    await redis.stop('SIGKILL');
    await page.getByText('Stale since').waitFor();
    assert.ok((await page.getByRole('table').locator('tbody tr').count()) > 0);
    await assertAccessible(page, 'stale tasks');
  });
});
