import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Locator } from 'playwright-core';
import { assertAccessible, assertFits, openPage } from '../support/browser.ts';
import { post, request, runTask, taskIn } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { tasksPage } from '../support/tasks-page.ts';
import { until } from '../support/until.ts';

const _hasFocus = (locator: Locator) => locator.evaluate((element) => element.matches(':focus'));

describe('queues and workers on their pages', () => {
  const system = tasksPage();

  it('pauses and resumes the queue', async (t) => {
    const { page } = await system.open(t, '/tasks?refresh=5s');
    await page.getByRole('button', { name: 'Pause the queue' }).click();
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByText('Paused', { exact: true }).waitFor();
    assert.equal((await request(`${system.orchestrator.url}/api/queue`)).body.paused, true);
    await page.getByRole('button', { name: 'Resume the queue' }).click();
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await page.getByText('1 live', { exact: true }).waitFor();
    assert.equal((await request(`${system.orchestrator.url}/api/queue`)).body.paused, false);
  });

  it('pauses and resumes one event type', async (t) => {
    const { page, faults } = await system.open(t, '/tasks?refresh=5s&type=echo');
    await page.getByRole('button', { name: 'Pause the event type echo' }).click();
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    const types = page.getByRole('region', { name: 'Pauses' });
    await types.getByText(/^echo is paused since .* by anonymous\. 0 tasks wait\.$/).waitFor();
    const { id } = (await post(`${system.orchestrator.url}/api/tasks`, { event_type: 'echo' })).body;
    await types.getByText(/1 task waits\.$/).waitFor();
    await page.mouse.move(0, 0); // the list does not move under the pointer
    await page.getByText('its event type is paused').waitFor();
    await page.goto(`${system.orchestrator.url}/tasks/${id}`);
    await page
      .getByText(/^Its event type is paused since .* by anonymous\. It waits for the resume\.$/)
      .waitFor();
    await assertAccessible(page, 'a task of a paused event type');
    await page.goto(`${system.orchestrator.url}/`);
    await page.getByText('The event type echo is paused').first().waitFor();
    await page.goto(`${system.orchestrator.url}/tasks`);
    await types.getByRole('button', { name: 'Resume echo' }).click();
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await types.waitFor({ state: 'detached' });
    await taskIn(system.orchestrator.url, id, ['completed']);
    assert.deepEqual(faults, []);
  });

  it('narrows to one of several queues, and pauses that one', async (t) => {
    const env = { REDIS_URL: (await startRedis(t)).url, VICTORIAMETRICS_URL: 'http://127.0.0.1:9' };
    const { url } = await startOrchestrator(t, { ...env, TASK_ROUTES: 'gpu.*=gpu' });
    await startWorkers(t, { ...env, WORKER_QUEUES: 'tasks:1,gpu:1' });
    await runTask(url, { event_type: 'echo' });
    await runTask(url, { event_type: 'echo', queue: 'gpu' });
    const { page, faults } = await openPage(t, system.browser, `${url}/tasks?refresh=5s`);
    const rows = page.getByRole('table').locator('tbody tr');
    await until('both are shown', async () => (await rows.count()) === 2);
    await page.getByRole('combobox', { name: 'Queue' }).selectOption('gpu');
    await until('one is shown', async () => (await rows.count()) === 1);
    await assertAccessible(page, 'one queue');
    await assertFits(page);
    await rows.getByRole('link').first().click();
    await page.getByRole('dialog').getByText('Queue', { exact: true }).waitFor();
    await page.goBack();
    await page.getByRole('button', { name: 'Pause the queue gpu' }).click();
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByText('Paused', { exact: true }).waitFor();
    await page.getByRole('combobox', { name: 'Queue' }).selectOption('');
    await page.getByText('1 of 2 paused').waitFor();
    assert.equal((await request(`${url}/api/queue?queue=tasks`)).body.paused, false);
    await page.goto(`${url}/`);
    await page.getByText('The queue gpu is paused').first().waitFor();
    assert.deepEqual(faults, []);
  });

  it('shows the slots of each queue of a worker, and over all workers', async (t) => {
    const env = { REDIS_URL: (await startRedis(t)).url, VICTORIAMETRICS_URL: 'http://127.0.0.1:9' };
    const { url } = await startOrchestrator(t, { ...env, TASK_ROUTES: 'gpu.*=gpu' });
    const both = await startWorkers(t, { ...env, WORKER_QUEUES: 'tasks:8,gpu:2' });
    const single = await startWorkers(t, { ...env, WORKER_QUEUES: 'gpu:3' });
    const { page, faults } = await openPage(t, system.browser, `${url}/workers?refresh=5s`);
    const card = (worker: RunningServer) =>
      page.getByRole('listitem').filter({ hasText: `process ${worker.child.pid}` });
    const fact = (worker: RunningServer, name: string) =>
      card(worker)
        .locator('dl > div')
        .filter({ has: page.getByText(name, { exact: true }) })
        .getByRole('definition');
    await page.getByText('0 of 13 slots busy (gpu: 0 of 5, tasks: 0 of 8).').waitFor();
    assert.deepEqual(await fact(both, 'Busy by queue').allInnerTexts(), ['tasks: 0 of 8', 'gpu: 0 of 2']);
    assert.deepEqual(await fact(single, 'Queue').allInnerTexts(), ['gpu']);
    const slow = { event_type: 'slow', queue: 'gpu', payload: { ms: 60_000 } };
    assert.equal((await post(`${url}/api/tasks/batch`, { tasks: Array(5).fill(slow) })).status, 202);
    await page.getByText('5 of 13 slots busy (gpu: 5 of 5, tasks: 0 of 8).').waitFor();
    assert.deepEqual(await fact(both, 'Busy by queue').allInnerTexts(), ['tasks: 0 of 8', 'gpu: 2 of 2']);
    await assertAccessible(page, 'queues of workers');
    await page.setViewportSize({ width: 390, height: 844 });
    await assertFits(page);
    assert.deepEqual(faults, []);
  });

  it('shows the workers and what each runs', async (t) => {
    const worker = await startWorkers(t, { REDIS_URL: system.redis.url, WORKER_POOL_SIZE: '2' });
    const { page, faults } = await system.open(t, '/workers');
    const card = page.getByRole('listitem').filter({ hasText: `process ${worker.child.pid}` });
    await card.getByText('0 of 2 slots').waitFor();
    await page.getByText(/^2 workers are live, with 0 of \d+ slots busy\.$/).waitFor();
    await post(`${system.orchestrator.url}/api/tasks`, { event_type: 'slow', payload: { ms: 60_000 } });
    const task = page.getByRole('listitem').filter({ hasText: /^slow\s*for \d/ });
    await task.getByRole('link').click();
    await page
      .getByRole('dialog', { name: /^Task / })
      .getByText('active')
      .waitFor();
    await page.goBack();
    await worker.stop('SIGTERM');
    await card.getByText('stopped').waitFor();
    await page.getByText(/^1 worker is live/).waitFor();
    assert.deepEqual(faults, []);
  });
});
