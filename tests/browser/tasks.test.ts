import assert from 'node:assert/strict';
import { before, describe, it, type TestContext } from 'node:test';
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
import { request, runTask } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
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
    await page.getByText('Newest first', { exact: true }).waitFor();
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
    await detail.getByText('completed', { exact: true }).waitFor();
    await assertAccessible(page, 'a task');
    await detail.getByRole('button', { name: 'Close' }).click();
    await page.waitForURL((url) => url.pathname === '/tasks');
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

  it('retries a dead task and cancels a delayed one, once that is confirmed', async (t) => {
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

  for (const [name, options] of LOOKS) {
    it(`fits the screen, with no errors and no axe-core findings: ${name}`, async (t) => {
      const { page, faults } = await open(t, '/tasks?tz=utc', options);
      await page.getByRole('table').waitFor();
      await assertAccessible(page, name);
      await assertFits(page);
      assert.deepEqual(faults, []);
      if (name !== 'phone') await keepScreenshot(page, `tasks-${name}`);
    });

    it(`has dialogs without axe-core findings: ${name}`, async (t) => {
      const { page, faults } = await open(t, '/tasks?status=dead&refresh=off', options);
      await page.getByRole('button', { name: 'Submit a task' }).click();
      await assertDialog(page, 'Submit a task');
      await page.keyboard.press('Escape');
      await page.getByRole('table').getByRole('link').first().click();
      await assertDialog(page, /^Task /);
      assert.ok(await hasFocus(page.getByRole('heading', { name: /^Task / })), 'the title has the focus');
      await page.getByRole('button', { name: 'Retry' }).click();
      await assertDialog(page, 'Retry this task?');
      assert.deepEqual(faults, []);
    });
  }

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
    await detail.getByText('completed', { exact: true }).waitFor();
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
