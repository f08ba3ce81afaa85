import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { before, describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { Redis } from 'ioredis';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import {
  assertAccessible,
  assertFits,
  assertLight,
  keepScreenshot,
  LOOKS,
  openPage,
  PHONE,
  startBrowser,
} from '../support/browser.ts';
import { addDeadTasks } from '../support/dead-tasks.ts';
import { post, request, runTask, taskIn } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

/** It does not include the charts. */
const FIRST_LOAD_LIMIT = 45 * 1024;

const hasFocus = (locator: Locator) => locator.evaluate((element) => element.matches(':focus'));

async function assertDialog(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole('dialog', { name }).waitFor();
  await assertAccessible(page, String(name));
  await assertFits(page);
}

describe('the tasks page', () => {
  const scope = suiteScope();
  let browser: Browser;
  let redis: RunningServer;
  let orchestrator: RunningServer;
  let admin: Redis;

  before(async () => {
    [browser, redis] = await Promise.all([startBrowser(scope), startRedis(scope)]);
    admin = adminOf(scope, redis.url);
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
    await link.page.getByRole('table').getByText('as asked', { exact: true }).waitFor();
    await page.getByLabel('Event type', { exact: true }).fill('echo');
    await page.keyboard.press('Enter');
    await page.getByText('No task matches').waitFor();
    await assertAccessible(page, 'no tasks');
    await page.getByLabel('Event type', { exact: true }).fill('Not a type');
    await page.keyboard.press('Enter');
    await page.getByText('Expected a lower-case letter').waitFor();
    assert.deepEqual(faults, []);
  });

  it('starts with one page again when the filter changes', async (t) => {
    const { page } = await open(t, '/tasks?refresh=off');
    const rows = page.getByRole('table').locator('tbody tr');
    await page.getByRole('button', { name: 'Show more' }).click();
    await until('all are shown', async () => (await rows.count()) > 50);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.getByRole('button', { name: 'completed', exact: true }).click();
    await until('a page of them is shown', async () => (await rows.count()) === 50);
    assert.deepEqual(
      asked.filter((url) => url.includes('cursor=')),
      [],
    );
    await page.getByText('Last ended first', { exact: true }).first().waitFor();
  });

  it('submits a task, says what is wrong with the form, and shows the task to its end', async (t) => {
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
    await detail.getByText('completed', { exact: true }).first().waitFor();
    await assertAccessible(page, 'a task');
    await detail.getByRole('button', { name: 'Close' }).click();
    await page.waitForURL((url) => url.pathname === '/tasks');
    assert.deepEqual(faults, []);
  });

  it('shows what the payload must be, and at it what the API refuses', async (t) => {
    const own = await startRedis(t);
    const env = { REDIS_URL: own.url, WORKER_HANDLERS: 'tests/support/schema-handlers.ts' };
    const [{ url }] = await Promise.all([startOrchestrator(t, env), startWorkers(t, env)]);
    const { page, faults } = await openPage(t, browser, `${url}/tasks?refresh=off`);
    await page.getByRole('button', { name: 'Submit a task' }).first().click();
    const form = page.getByRole('dialog', { name: 'Submit a task' });
    await form.locator('option[value="invoice.send"]').waitFor({ state: 'attached' });
    await form.getByLabel('Event type').fill('invoice.send');
    const help = form.getByRole('region', { name: 'Payload of invoice.send' });
    assert.match(await help.innerText(), /\/amount\s+number ≥ 0, required/);
    const payload = form.getByLabel('Payload (JSON)');
    assert.deepEqual(JSON.parse(await payload.inputValue()), { amount: 0 });
    await payload.fill('{"amount": "much"}');
    await form.getByRole('button', { name: 'Submit' }).click();
    await form.getByText('got another: /amount: must be number').waitFor();
    assert.equal(await payload.getAttribute('aria-invalid'), 'true');
    assert.match(await form.locator('.payload-field-wrong').innerText(), /amount/);
    await assertAccessible(page, 'a form with a schema');
    await assertFits(page);
    await payload.fill('{"amount": 2}');
    await form.getByRole('button', { name: 'Submit' }).click();
    await page
      .getByRole('dialog', { name: /^Task / })
      .getByText('"sent": 2')
      .waitFor();
    assert.deepEqual(faults, []);
  });

  it('keeps a form with text until the operator discards it', async (t) => {
    const { page, faults } = await open(t, '/tasks?refresh=off');
    await page.getByRole('table').waitFor();
    const form = page.getByRole('dialog', { name: 'Submit a task' });
    const question = page.getByRole('dialog', { name: 'Discard what you wrote?' });
    const submit = page.getByRole('button', { name: 'Submit a task' });
    await submit.click();
    await until('the first field has the focus', () => hasFocus(form.getByLabel('Event type')));
    await page.mouse.click(20, 20);
    await form.waitFor({ state: 'detached' });
    assert.ok(await hasFocus(submit));

    await submit.click();
    const payload = form.getByLabel('Payload');
    await payload.fill('{"written": true}');
    const box = await payload.boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + 60, box.y + 15);
    await page.mouse.down();
    await page.mouse.move(20, 20, { steps: 5 });
    await page.mouse.up();
    await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))');
    assert.equal(
      await page.getByRole('dialog').count(),
      1,
      'a selection dragged out of it is no click beside it',
    );

    await page.mouse.click(20, 20);
    await until('it is asked what to do', () =>
      hasFocus(question.getByRole('button', { name: 'Keep writing' })),
    );
    await assertAccessible(page, 'whether to discard');
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    assert.equal(await payload.inputValue(), '{"written": true}');
    for (const state of ['visible', 'detached', 'visible'] as const) {
      await page.keyboard.press('Escape');
      await question.waitFor({ state });
    }
    await question.getByRole('button', { name: 'Discard' }).click();
    await form.waitFor({ state: 'detached' });
    assert.deepEqual(faults, []);
  });

  it('retries a dead task once that is confirmed', async (t) => {
    const dead = await runTask(orchestrator.url, { event_type: 'fail', max_attempts: 1 });
    const { page } = await open(t, `/tasks/${dead.id}?refresh=5s`);
    const detail = page.getByRole('dialog', { name: /^Task / });
    await detail.getByRole('button', { name: 'Retry' }).click();
    const question = page.getByRole('dialog', { name: 'Retry this task?' });
    await until('the safe answer has the focus', () =>
      hasFocus(question.getByRole('button', { name: 'Keep as it is' })),
    );
    await question.getByRole('button', { name: 'Keep as it is' }).click();
    await question.waitFor({ state: 'detached' });
    const finished = dead.finished_at;
    assert.equal((await taskAt(dead.id)).finished_at, finished);
    await detail.getByRole('button', { name: 'Retry' }).click();
    await question.getByRole('button', { name: 'Retry' }).click();
    await until('it has run again', async () => {
      const task = await taskAt(dead.id);
      return task.status === 'dead' && task.finished_at !== finished;
    });
    await detail.getByText('Queued again', { exact: true }).waitFor();
    const attempts = detail.getByRole('region', { name: 'Attempts' });
    await attempts.getByText(/^Retried.*by anonymous$/).waitFor();
    await attempts.getByText('Attempt 1').nth(1).waitFor();
    await attempts.getByText('as asked').first().click();
    await attempts
      .getByText(/at .*handlers\.ts/)
      .first()
      .waitFor();
    await assertAccessible(page, 'attempts');
    const waited = detail.getByText('Waited', { exact: true }).locator('..');
    assert.match(await waited.innerText(), /Waited\s+[\d.]+ m?s$/); // and not since it was submitted
  });

  it('cancels tasks that wait or run, runs delayed ones now, and goes on saying so', async (t) => {
    const submit = (event_type: string, status: string, more: object = {}) =>
      runTask(orchestrator.url, { event_type, payload: { ms: 60_000 }, ...more }, [status]);
    const act = async (id: string, action: string, question: string, confirm: string) => {
      const { page, faults } = await open(t, '/workers?refresh=5s');
      await page.clock.install();
      await page.goto(`${orchestrator.url}/tasks/${id}?refresh=5s`);
      const detail = page.getByRole('dialog', { name: /^Task / });
      await detail.getByRole('button', { name: action, exact: true }).click();
      await page.getByRole('dialog', { name: question }).getByRole('button', { name: confirm }).click();
      return { page, detail, faults, said: detail.getByRole('status') };
    };
    const delayed = await submit('echo', 'delayed', { delay_ms: 3_600_000 });
    const cancelled = await act(delayed.id, 'Cancel', 'Cancel this task?', 'Cancel task');
    await cancelled.said.getByText('Cancelled', { exact: true }).waitFor();
    await cancelled.detail.getByText(/^Cancelled.*by anonymous$/).waitFor();
    assert.match((await taskAt(delayed.id)).error.message, /^cancelled:/);
    await assertAccessible(cancelled.page, 'a cancelled task');

    const running = await submit('slow', 'active');
    const asked = await act(running.id, 'Cancel', 'Cancel this task?', 'Cancel task');
    await asked.said.getByText('Its worker is asked to end it').waitFor();
    await pollUntilShown(asked.page, asked.detail.getByText('dead', { exact: true }));
    assert.equal(await asked.said.innerText(), 'Its worker is asked to end it');

    const later = await submit('echo', 'delayed', { delay_ms: 3_600_000 });
    const now = await act(later.id, 'Run now', 'Run this task now?', 'Run now');
    await now.said.getByText('Due now').waitFor();
    await pollUntilShown(now.page, now.detail.getByText('completed', { exact: true }));
    assert.equal(await now.said.innerText(), 'Due now');
    const waited = now.detail.getByText('Waited', { exact: true }).locator('..');
    assert.match(await waited.innerText(), /Waited\s+[\d.]+ m?s$/);
    for (const { faults } of [cancelled, asked, now]) assert.deepEqual(faults, []);
  });

  /** Lets the page's clock pass until it has polled often enough. */
  const poll = (page: Page, what: string, isEnough: () => Promise<boolean> | boolean) =>
    until(what, async () => {
      await page.clock.runFor(5_000);
      return isEnough();
    });
  const pollUntilShown = (page: Page, text: Locator) =>
    poll(page, 'it is shown', async () => (await text.count()) > 0);

  it('loads the payload once, and asks no more for a task that is gone', async (t) => {
    const { id } = await runTask(orchestrator.url, { event_type: 'echo', delay_ms: 3_600_000 }, ['delayed']);
    const { page, faults } = await open(t, '/workers');
    await page.clock.install();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url().slice(orchestrator.url.length)));
    const count = (path: string) => asked.filter((each) => each === path).length;
    const path = `/api/tasks/${id}`;
    await page.goto(`${orchestrator.url}/tasks/${id}?refresh=5s`);
    const detail = page.getByRole('dialog', { name: /^Task / });
    await poll(page, 'it is asked for again', () => count(`${path}?brief=true`) >= 2);
    assert.equal(count(path), 1);
    await post(`${orchestrator.url}${path}/run`, '');
    await pollUntilShown(page, detail.getByRole('region', { name: 'Result' }));
    assert.equal(count(path), 2);

    await request(`${orchestrator.url}${path}`, { method: 'DELETE' });
    await pollUntilShown(page, detail.getByText('Gone', { exact: true }));
    assert.equal(await detail.getByRole('button', { name: 'Remove' }).count(), 0);
    await assertAccessible(page, 'a task that is gone');
    const [before, polls] = [asked.filter((each) => each.startsWith(path)).length, count('/api/queue')];
    await page.clock.runFor(60_000);
    await detail.getByRole('button', { name: 'Close' }).click();
    await until('the page behind it asks again', () => count('/api/queue') > polls);
    assert.equal(asked.filter((each) => each.startsWith(path)).length, before);

    await page.goto(`${orchestrator.url}/tasks/${id}?refresh=off`);
    await detail.getByText('There is no such task').waitFor();
    await assertAccessible(page, 'no such task');
    assert.deepEqual(faults, []);
  });

  it('runs a task again, changed, and copies the command that does so', async (t) => {
    const task = { event_type: 'echo', payload: { who: 'a\u202Eb' }, priority: 9, max_attempts: 2 };
    const { id } = await runTask(orchestrator.url, task);
    const { page, faults } = await open(t, `/tasks/${id}?refresh=5s`, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const detail = page.getByRole('dialog', { name: /^Task / });
    await detail.getByRole('button', { name: 'Copy as curl' }).click();
    await detail.getByText('Copied').waitFor();
    const command = String(await page.evaluate('navigator.clipboard.readText()'));
    const { stdout } = await promisify(execFile)('sh', ['-ec', command]);
    const { payload, priority, max_attempts } = await taskAt(JSON.parse(stdout).id);
    assert.deepEqual({ event_type: 'echo', payload, priority, max_attempts }, task);

    await detail.getByRole('button', { name: 'Run again' }).click();
    const form = page.getByRole('dialog', { name: 'Run again' });
    const field = form.getByLabel('Payload (JSON)');
    assert.match(await field.inputValue(), /"who": "a\\u202eb"/);
    assert.equal(await form.getByLabel('Priority').inputValue(), '9');
    assert.equal(await form.getByLabel('Maximum attempts').inputValue(), '2');
    await assertAccessible(page, 'a form for the same task');
    await field.fill('{"who": "c"}');
    await form.getByRole('button', { name: 'Submit' }).click();
    await detail.getByText('"who": "c"').first().waitFor();
    const next = new URL(page.url()).pathname.slice('/tasks/'.length);
    assert.notEqual(next, id);
    assert.deepEqual((await taskAt(next)).payload, { who: 'c' });
    assert.deepEqual(faults, []);
  });

  const taskAt = async (id: string) => (await request(`${orchestrator.url}/api/tasks/${id}`)).body;

  it('groups errors, and retries all tasks of a group', async (t) => {
    await post(`${orchestrator.url}/api/queue/pause`, {}); // else a worker takes some before they are dead
    await addDeadTasks(orchestrator.url, admin, [
      ...Array.from({ length: 1_200 }, (_, n) => ({ event_type: 'echo', error: `no answer in ${n} ms` })),
      { event_type: 'echo', error: 'refused' },
    ]);
    await post(`${orchestrator.url}/api/queue/resume`, {});
    const { page, faults } = await open(t, '/tasks?status=dead&refresh=5s');
    const errors = page.getByRole('region', { name: 'Errors' });
    const group = errors.getByRole('listitem').filter({ hasText: 'no answer in <n> ms' });
    await group.getByText('1,200 ×').waitFor();
    await assertAccessible(page, 'groups of errors');
    await group.getByRole('link').click();
    await page.getByText('no answer in <n> ms').waitFor();
    await page.goBack();
    await group.getByRole('button', { name: 'Retry all' }).click();
    const question = page.getByRole('dialog', { name: 'Retry all of echo with this error?' });
    await question.getByText(/^1,200 tasks match\./).waitFor();
    await assertAccessible(page, 'a question about many tasks');
    await question.getByRole('button', { name: 'Retry 1,200 tasks' }).click();
    await question.getByText('1,200 of 1,200 queued again.').waitFor();
    await question.getByText('Close', { exact: true }).click();
    await group.waitFor({ state: 'detached' });
    await errors.getByText('echo: refused').waitFor();
    assert.deepEqual(faults, []);
  });

  it('says how the retry of a group went when no group is left', async (t) => {
    await addDeadTasks(orchestrator.url, admin, [{ event_type: 'lonely', error: 'refused' }]);
    const { page, faults } = await open(t, '/tasks?status=dead&type=lonely&refresh=5s');
    const errors = page.getByRole('region', { name: 'Errors' });
    await errors.getByRole('button', { name: 'Retry all' }).click();
    const question = page.getByRole('dialog', { name: 'Retry all of lonely with this error?' });
    await question.getByRole('button', { name: 'Retry 1 task' }).click();
    await errors.waitFor({ state: 'detached' });
    await question.getByText('1 of 1 queued again.').waitFor();
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    assert.deepEqual(faults, []);
  });

  it('changes the tasks that are selected, with the keyboard alone', async (t) => {
    const { page, faults } = await open(t, '/tasks?status=dead&error=REFUSED&refresh=off');
    const boxes = page.getByRole('table').getByRole('checkbox', { name: /^Select task / });
    await boxes.first().focus();
    await page.keyboard.press('Space');
    await page.getByText('1 selected').waitFor();
    await assertAccessible(page, 'a selection');
    await page.getByRole('button', { name: 'Remove', exact: true }).focus();
    await page.keyboard.press('Enter');
    const question = page.getByRole('dialog', { name: 'Remove the selected tasks?' });
    await question.getByRole('button', { name: 'Remove 1 task' }).focus();
    await page.keyboard.press('Enter');
    await question.getByText('1 of 1 removed.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('No task matches').waitFor();
    assert.deepEqual(faults, []);
  });

  it('finds a task by the beginning of its id, and keeps the list still under the pointer and the focus', async (t) => {
    const submit = (event_type: string) =>
      runTask(orchestrator.url, { event_type, delay_ms: 3_600_000 }, ['delayed']);
    const first = await submit('held');
    const { page } = await open(t, `/tasks?id=${first.id.slice(0, 13)}`);
    const rows = page.getByRole('table').locator('tbody tr');
    await until('it alone is shown', async () => (await rows.count()) === 1);
    await page.goto(`${orchestrator.url}/tasks?type=held&refresh=5s`);
    await rows.first().getByRole('link').focus();
    const box = await rows.first().boundingBox();
    await submit('held');
    await page.getByRole('button', { name: '1 new' }).waitFor();
    assert.deepEqual([await rows.count(), await rows.first().boundingBox()], [1, box]);
    await page.getByRole('button', { name: '1 new' }).click();
    await until('both are shown', async () => (await rows.count()) === 2);
    await page.getByRole('button', { name: 'delayed', exact: true }).click();
    await page.getByRole('button', { name: 'Cancel all' }).click();
    await page.getByRole('button', { name: 'Cancel 2 tasks' }).click();
    await page.getByText('2 of 2 cancelled.').waitFor();
  });

  it('pauses and resumes the queue', async (t) => {
    const { page } = await open(t, '/tasks?refresh=5s');
    await page.getByRole('button', { name: 'Pause the queue' }).click();
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByText('Paused', { exact: true }).waitFor();
    assert.equal((await request(`${orchestrator.url}/api/queue`)).body.paused, true);
    await page.getByRole('button', { name: 'Resume the queue' }).click();
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await page.getByText('1 live', { exact: true }).waitFor();
    assert.equal((await request(`${orchestrator.url}/api/queue`)).body.paused, false);
  });

  it('pauses and resumes one event type', async (t) => {
    const { page, faults } = await open(t, '/tasks?refresh=5s&type=echo');
    await page.getByRole('button', { name: 'Pause the event type echo' }).click();
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    const types = page.getByRole('region', { name: 'Pauses' });
    await types.getByText(/^echo is paused since .* by anonymous\. 0 tasks wait\.$/).waitFor();
    const { id } = (await post(`${orchestrator.url}/api/tasks`, { event_type: 'echo' })).body;
    await types.getByText(/1 task waits\.$/).waitFor();
    await page.mouse.move(0, 0); // the list does not move under the pointer
    await page.getByText('its event type is paused').waitFor();
    await page.goto(`${orchestrator.url}/tasks/${id}`);
    await page
      .getByText(/^Its event type is paused since .* by anonymous\. It waits for the resume\.$/)
      .waitFor();
    await assertAccessible(page, 'a task of a paused event type');
    await page.goto(`${orchestrator.url}/`);
    await page.getByText('The event type echo is paused').first().waitFor();
    await page.goto(`${orchestrator.url}/tasks`);
    await types.getByRole('button', { name: 'Resume echo' }).click();
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await types.waitFor({ state: 'detached' });
    await taskIn(orchestrator.url, id, ['completed']);
    assert.deepEqual(faults, []);
  });

  it('narrows to one of several queues, and pauses that one', async (t) => {
    const env = { REDIS_URL: (await startRedis(t)).url, VICTORIAMETRICS_URL: 'http://127.0.0.1:9' };
    const { url } = await startOrchestrator(t, { ...env, TASK_ROUTES: 'gpu.*=gpu' });
    await startWorkers(t, { ...env, WORKER_QUEUES: 'tasks:1,gpu:1' });
    await runTask(url, { event_type: 'echo' });
    await runTask(url, { event_type: 'echo', queue: 'gpu' });
    const { page, faults } = await openPage(t, browser, `${url}/tasks?refresh=5s`);
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
    const { page, faults } = await openPage(t, browser, `${url}/workers?refresh=5s`);
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
    const worker = await startWorkers(t, { REDIS_URL: redis.url, WORKER_POOL_SIZE: '2' });
    const { page, faults } = await open(t, '/workers');
    const card = page.getByRole('listitem').filter({ hasText: `process ${worker.child.pid}` });
    await card.getByText('0 of 2 slots').waitFor();
    await page.getByText(/^2 workers are live, with 0 of \d+ slots busy\.$/).waitFor();
    await post(`${orchestrator.url}/api/tasks`, { event_type: 'slow', payload: { ms: 60_000 } });
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

  it('shows what a running task tells, for how long it runs, and no text that spoofs another', async (t) => {
    const payload = { ms: 60_000, who: 'a\u202Eb', rest: 'x'.repeat(700_000) };
    const { id } = await runTask(orchestrator.url, { event_type: 'tell', payload }, ['active']);
    const { page, faults } = await open(t, `/tasks/${id}?refresh=5s`);
    const detail = page.getByRole('dialog', { name: /^Task / });
    await detail.getByText('{"attempt":1,"done":0.5}').first().waitFor();
    await detail.getByRole('region', { name: 'Log' }).getByText('line 1').waitFor();
    const ran = detail.getByText('Ran', { exact: true }).locator('..');
    const shown = await ran.innerText();
    await until('the time goes on', async () => (await ran.innerText()) !== shown);
    const json = detail.getByRole('region', { name: 'Payload' });
    assert.match(await json.innerText(), /"who": "a\\u202eb"/);
    assert.match(await json.innerText(), /The first 4,096 of 700k characters \(\d+ \S+\)\./);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      json.getByRole('button', { name: 'Download' }).click(),
    ]);
    assert.deepEqual(JSON.parse(await readFile(await download.path(), 'utf8')), payload);
    await assertAccessible(page, 'a task that tells');
    await assertFits(page);
    assert.deepEqual(faults, []);
  });

  for (const [name, options] of LOOKS) {
    it(`fits the screen, with no errors and no axe-core findings: ${name}`, async (t) => {
      const { page, faults } = await open(t, '/tasks?tz=utc', options);
      await page.getByRole('table').waitFor();
      await assertAccessible(page, name);
      await assertFits(page);
      assert.deepEqual(faults, []);
      if (name !== 'phone') await keepScreenshot(page, `tasks-${name}`);
      await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Workers' }).click();
      await page.getByRole('list', { name: 'List of workers' }).waitFor();
      await assertAccessible(page, `workers, ${name}`);
      await assertFits(page);
      assert.deepEqual(faults, []);
    });

    it(`has dialogs without axe-core findings: ${name}`, async (t) => {
      const { page, faults } = await open(t, '/tasks?status=dead&refresh=off', options);
      await page.getByRole('button', { name: 'Submit a task' }).click();
      await assertDialog(page, 'Submit a task');
      await page.keyboard.press('Escape');
      await page.getByRole('table').getByRole('link').first().click();
      await assertDialog(page, /^Task /);
      assert.ok(await hasFocus(page.getByRole('heading', { name: /^Task / })), 'the title has the focus');
      await page.getByRole('button', { name: 'Retry', exact: true }).click();
      await assertDialog(page, 'Retry this task?');
      assert.deepEqual(faults, []);
    });
  }

  it('shows on a phone for how long the oldest task has waited, in full', async (t) => {
    const { page } = await openPage(t, browser, 'about:blank', PHONE);
    await page.route('**/api/queue', async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      const json = { ...body, oldest_age_seconds: 4_000, tasks: { ...body.tasks, waiting: 19_800 } };
      await route.fulfill({ response, json });
    });
    await page.goto(`${orchestrator.url}/tasks?refresh=off`);
    const detail = page.getByText(/^oldest 1 h/);
    const [shown, needed] = await detail.evaluate(({ clientWidth, scrollWidth }) => [
      clientWidth,
      scrollWidth,
    ]);
    assert.ok(needed !== undefined && needed <= (shown ?? 0), `${needed} px of text in ${shown} px`);
    await assertFits(page);
  });

  it('works on a phone: the operator opens, retries and submits a task', async (t) => {
    const { page, faults } = await open(t, '/tasks?refresh=5s', PHONE);
    const card = page.getByRole('row', { name: /fail dead .* as asked/ }).first();
    await card.tap();
    const detail = page.getByRole('dialog', { name: /^Task / });
    await detail.waitFor();
    const opened = new URL(page.url()).pathname.slice('/tasks/'.length);
    const { finished_at } = await taskAt(opened);
    await detail.getByRole('button', { name: 'Retry' }).tap();
    const question = page.getByRole('dialog', { name: 'Retry this task?' });
    await question.getByRole('button', { name: 'Retry' }).tap();
    await until('it has run again', async () => {
      const task = await taskAt(opened);
      return task.status === 'dead' && task.finished_at !== finished_at;
    });
    await question.waitFor({ state: 'detached' });
    await detail.getByRole('button', { name: 'Close' }).tap();
    await page.getByRole('button', { name: 'Submit a task' }).tap();
    const form = page.getByRole('dialog', { name: 'Submit a task' });
    await form.getByLabel('Event type').fill('echo');
    await form.getByRole('button', { name: 'Submit' }).tap();
    await detail.getByText('completed', { exact: true }).first().waitFor();
    assert.ok(!page.url().includes(opened));
    await assertFits(page);
    assert.deepEqual(faults, []);
  });

  it('loads at most 45 KiB, compressed, and each dialog when it opens', async (t) => {
    const { page } = await open(t, '/tasks?refresh=off');
    await page.getByRole('table').waitFor();
    await assertLight(page, FIRST_LOAD_LIMIT);
    await page.route('**/assets/submit-dialog-*', (route) => route.abort());
    await page.getByRole('button', { name: 'Submit a task' }).click();
    await page.getByRole('dialog', { name: 'This could not be loaded' }).waitFor();
  });

  it('keeps stale tasks, with the reason, when Redis is down', async (t) => {
    const { page } = await open(t, '/tasks?refresh=5s');
    await page.getByRole('table').waitFor();
    const top = await topOf(page);
    await redis.stop('SIGKILL');
    await page.getByText('Stale since').waitFor();
    assert.ok((await page.getByRole('table').locator('tbody tr').count()) > 0);
    await assertAccessible(page, 'stale tasks');
    assert.equal(await topOf(page), top, 'the table does not move');

    const fresh = await open(t, '/tasks');
    await fresh.page.getByText('Could not load the tasks').waitFor();
    const queue = await fresh.page.getByRole('region', { name: 'Queue' }).innerText();
    assert.match(queue, /Waiting\s+–\s+Active\s+–\s+Delayed\s+–\s+Dead\s+–\s+Workers\s+–/);
    assert.doesNotMatch(queue, /none|0|pause/i);
  });

  const topOf = async (page: Page) => (await page.getByRole('table').boundingBox())?.y;
});
