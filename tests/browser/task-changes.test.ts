import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { Locator, Page } from 'playwright-core';
import { assertAccessible, assertFits, openPage } from '../support/browser.ts';
import { post, request, runTask } from '../support/http.ts';
import { startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { tasksPage } from '../support/tasks-page.ts';
import { until } from '../support/until.ts';

const hasFocus = (locator: Locator) => locator.evaluate((element) => element.matches(':focus'));

describe('a task on the tasks page', () => {
  const system = tasksPage();

  it('submits a task, says what is wrong with the form, and shows the task to its end', async (t) => {
    const { page, faults } = await system.open(t, '/tasks?refresh=5s');
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
    const { page, faults } = await openPage(t, system.browser, `${url}/tasks?refresh=off`);
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
    const { page, faults } = await system.open(t, '/tasks?refresh=off');
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
    const dead = await runTask(system.orchestrator.url, { event_type: 'fail', max_attempts: 1 });
    const { page } = await system.open(t, `/tasks/${dead.id}?refresh=5s`);
    const detail = page.getByRole('dialog', { name: /^Task / });
    await detail.getByRole('button', { name: 'Retry' }).click();
    const question = page.getByRole('dialog', { name: 'Retry this task?' });
    await until('the safe answer has the focus', () =>
      hasFocus(question.getByRole('button', { name: 'Keep as it is' })),
    );
    await question.getByRole('button', { name: 'Keep as it is' }).click();
    await question.waitFor({ state: 'detached' });
    const finished = dead.finished_at;
    assert.equal((await system.taskAt(dead.id)).finished_at, finished);
    await detail.getByRole('button', { name: 'Retry' }).click();
    await question.getByRole('button', { name: 'Retry' }).click();
    await until('it has run again', async () => {
      const task = await system.taskAt(dead.id);
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
      runTask(system.orchestrator.url, { event_type, payload: { ms: 60_000 }, ...more }, [status]);
    const act = async (id: string, action: string, question: string, confirm: string) => {
      const { page, faults } = await system.open(t, '/workers?refresh=5s');
      await page.clock.install();
      await page.goto(`${system.orchestrator.url}/tasks/${id}?refresh=5s`);
      const detail = page.getByRole('dialog', { name: /^Task / });
      await detail.getByRole('button', { name: action, exact: true }).click();
      await page.getByRole('dialog', { name: question }).getByRole('button', { name: confirm }).click();
      return { page, detail, faults, said: detail.getByRole('status') };
    };
    const delayed = await submit('echo', 'delayed', { delay_ms: 3_600_000 });
    const cancelled = await act(delayed.id, 'Cancel', 'Cancel this task?', 'Cancel task');
    await cancelled.said.getByText('Cancelled', { exact: true }).waitFor();
    await cancelled.detail.getByText(/^Cancelled.*by anonymous$/).waitFor();
    assert.match((await system.taskAt(delayed.id)).error.message, /^cancelled:/);
    await assertAccessible(cancelled.page, 'a cancelled task');

    const running = await submit('slow', 'active');
    const asked = await act(running.id, 'Cancel', 'Cancel this task?', 'Cancel task');
    await asked.said.getByText('Its worker is asked to end it').waitFor();
    await pollUntilShown(asked.page, asked.detail.getByText('dead', { exact: true }));
    assert.equal(await asked.said.innerText(), 'Its worker is asked to end it');

    const later = await submit('echo', 'delayed', { delay_ms: 3_600_000 });
    const now = await act(later.id, 'Run now', 'Run this task now?', 'Run now');
    await now.said.getByText('Due now').waitFor();
    // The task's own state: the list of its attempts may say "completed" before.
    await pollUntilShown(now.page, now.detail.getByRole('region', { name: 'Result' }));
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
    const { id } = await runTask(system.orchestrator.url, { event_type: 'echo', delay_ms: 3_600_000 }, [
      'delayed',
    ]);
    const { page, faults } = await system.open(t, '/workers');
    await page.clock.install();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url().slice(system.orchestrator.url.length)));
    const count = (path: string) => asked.filter((each) => each === path).length;
    const path = `/api/tasks/${id}`;
    await page.goto(`${system.orchestrator.url}/tasks/${id}?refresh=5s`);
    const detail = page.getByRole('dialog', { name: /^Task / });
    await poll(page, 'it is asked for again', () => count(`${path}?brief=true`) >= 2);
    assert.equal(count(path), 1);
    await post(`${system.orchestrator.url}${path}/run`, '');
    await pollUntilShown(page, detail.getByRole('region', { name: 'Result' }));
    assert.equal(count(path), 2);

    await request(`${system.orchestrator.url}${path}`, { method: 'DELETE' });
    await pollUntilShown(page, detail.getByText('Gone', { exact: true }));
    assert.equal(await detail.getByRole('button', { name: 'Remove' }).count(), 0);
    await assertAccessible(page, 'a task that is gone');
    const [before, polls] = [asked.filter((each) => each.startsWith(path)).length, count('/api/queue')];
    await page.clock.runFor(60_000);
    await detail.getByRole('button', { name: 'Close' }).click();
    await until('the page behind it asks again', () => count('/api/queue') > polls);
    assert.equal(asked.filter((each) => each.startsWith(path)).length, before);

    await page.goto(`${system.orchestrator.url}/tasks/${id}?refresh=off`);
    await detail.getByText('There is no such task').waitFor();
    await assertAccessible(page, 'no such task');
    assert.deepEqual(faults, []);
  });

  it('runs a task again, changed, and copies the command that does so', async (t) => {
    const task = { event_type: 'echo', payload: { who: 'a\u202Eb' }, priority: 9, max_attempts: 2 };
    const { id } = await runTask(system.orchestrator.url, task);
    const { page, faults } = await system.open(t, `/tasks/${id}?refresh=5s`, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const detail = page.getByRole('dialog', { name: /^Task / });
    await detail.getByRole('button', { name: 'Copy as curl' }).click();
    await detail.getByText('Copied').waitFor();
    const command = String(await page.evaluate('navigator.clipboard.readText()'));
    const { stdout } = await promisify(execFile)('sh', ['-ec', command]);
    const { payload, priority, max_attempts } = await system.taskAt(JSON.parse(stdout).id);
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
    assert.deepEqual((await system.taskAt(next)).payload, { who: 'c' });
    assert.deepEqual(faults, []);
  });

  it('shows what a running task tells, for how long it runs, and no text that spoofs another', async (t) => {
    const payload = { ms: 60_000, who: 'a\u202Eb', rest: 'x'.repeat(700_000) };
    const { id } = await runTask(system.orchestrator.url, { event_type: 'tell', payload }, ['active']);
    const { page, faults } = await system.open(t, `/tasks/${id}?refresh=5s`);
    const detail = page.getByRole('dialog', { name: /^Task / });
    await detail.getByText('{"attempt":1,"done":0.5}').first().waitFor();
    await detail.getByRole('region', { name: 'Log' }).getByText('line 1').waitFor();
    const ran = detail.getByText('Ran', { exact: true }).locator('..');
    const shown = await ran.innerText();
    await until('the time goes on', async () => (await ran.innerText()) !== shown);
    const json = detail.getByRole('region', { name: 'Payload' });
    assert.match(await json.innerText(), /"who": "a\\u202eb"/);
    assert.match(await json.innerText(), /The first 4,096 characters of \d+ \S+\./);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      json.getByRole('button', { name: 'Download' }).click(),
    ]);
    assert.deepEqual(JSON.parse(await readFile(await download.path(), 'utf8')), payload);
    await assertAccessible(page, 'a task that tells');
    await assertFits(page);
    assert.deepEqual(faults, []);
  });
});
