import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import {
  assertAccessible,
  assertFits,
  assertLight,
  keepScreenshot,
  LOOKS,
  openPage,
  PHONE,
} from '../support/browser.ts';
import { addDeadTasks } from '../support/dead-tasks.ts';
import { post, runTask } from '../support/http.ts';
import { tasksPage } from '../support/tasks-page.ts';
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
  const system = tasksPage();

  it('lists tasks by status and event type, page by page, from its URL', async (t) => {
    const { page, faults } = await system.open(t, '/tasks');
    const rows = page.getByRole('table').locator('tbody tr');
    await until('a page is shown', async () => (await rows.count()) === 50);
    await page.getByRole('button', { name: 'Show more' }).click();
    await until('all are shown', async () => (await rows.count()) === 61);
    await page.getByRole('button', { name: 'dead', exact: true }).click();
    await until('the dead one is shown', async () => (await rows.count()) === 1);
    assert.match(await rows.innerText(), /fail\s+Dead\s+1\/1.*as asked/s);
    const link = await system.open(t, new URL(page.url()).pathname + new URL(page.url()).search);
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

  it('keeps what is typed into a filter while the list is read again', async (t) => {
    const { page, faults } = await system.open(t, '/tasks?status=completed&refresh=5s');
    const type = page.getByLabel('Event type', { exact: true });
    await page.getByRole('table').waitFor();
    await type.pressSequentially('ech');
    const { id } = await runTask(system.orchestrator.url, { event_type: 'echo' });
    await page.locator(`tr a[href*="${id}"]`).waitFor();
    assert.equal(await type.inputValue(), 'ech');
    await type.press('o');
    await type.press('Enter');
    await page.waitForURL(/type=echo/);
    await type.fill('other');
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.waitForURL((url) => !url.search.includes('type='));
    assert.equal(await type.inputValue(), '');
    await page.goBack();
    await page.waitForURL(/type=other/);
    assert.equal(await type.inputValue(), 'other');
    assert.deepEqual(faults, []);
  });

  it('starts with one page again when the filter changes', async (t) => {
    const { page } = await system.open(t, '/tasks?refresh=off');
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

  it('groups errors, and retries all tasks of a group', async (t) => {
    await post(`${system.orchestrator.url}/api/queue/pause`, {}); // else a worker takes some before they are dead
    await addDeadTasks(system.orchestrator.url, system.admin, [
      ...Array.from({ length: 1_200 }, (_, n) => ({ event_type: 'echo', error: `no answer in ${n} ms` })),
      { event_type: 'echo', error: 'refused' },
    ]);
    await post(`${system.orchestrator.url}/api/queue/resume`, {});
    const { page, faults } = await system.open(t, '/tasks?status=dead&refresh=5s');
    const errors = page.getByRole('region', { name: 'Errors' });
    const group = errors.getByRole('listitem').filter({ hasText: 'no answer in <n> ms' });
    await group.getByText('1,200 ×').waitFor();
    await assertAccessible(page, 'groups of errors');
    await group.getByRole('link').click();
    await page.getByText('no answer in <n> ms').waitFor();
    await page.goBack();
    await group.getByRole('button', { name: 'Retry all' }).click();
    const question = page.getByRole('dialog', { name: 'Retry all tasks of echo with this error?' });
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
    await addDeadTasks(system.orchestrator.url, system.admin, [{ event_type: 'lonely', error: 'refused' }]);
    const { page, faults } = await system.open(t, '/tasks?status=dead&type=lonely&refresh=5s');
    const errors = page.getByRole('region', { name: 'Errors' });
    await errors.getByRole('button', { name: 'Retry all' }).click();
    const question = page.getByRole('dialog', { name: 'Retry all tasks of lonely with this error?' });
    await question.getByRole('button', { name: 'Retry 1 task' }).click();
    await errors.waitFor({ state: 'detached' });
    await question.getByText('1 of 1 queued again.').waitFor();
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    assert.deepEqual(faults, []);
  });

  it('changes the tasks that are selected, with the keyboard alone', async (t) => {
    const { page, faults } = await system.open(t, '/tasks?status=dead&error=REFUSED&refresh=off');
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
      runTask(system.orchestrator.url, { event_type, delay_ms: 3_600_000 }, ['delayed']);
    const first = await submit('held');
    const { page } = await system.open(t, `/tasks?id=${first.id.slice(0, 13)}`);
    const rows = page.getByRole('table').locator('tbody tr');
    await until('it alone is shown', async () => (await rows.count()) === 1);
    await page.goto(`${system.orchestrator.url}/tasks?type=held&refresh=5s`);
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

  for (const [name, options] of LOOKS) {
    it(`fits the screen, with no errors and no axe-core findings: ${name}`, async (t) => {
      const { page, faults } = await system.open(t, '/tasks?tz=utc', options);
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
      const { page, faults } = await system.open(t, '/tasks?status=dead&refresh=off', options);
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
    const { page } = await openPage(t, system.browser, 'about:blank', PHONE);
    await page.route('**/api/queue', async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      const json = { ...body, oldest_age_seconds: 4_000, tasks: { ...body.tasks, waiting: 19_800 } };
      await route.fulfill({ response, json });
    });
    await page.goto(`${system.orchestrator.url}/tasks?refresh=off`);
    const detail = page.getByText(/^oldest 1 h/);
    const [shown, needed] = await detail.evaluate(({ clientWidth, scrollWidth }) => [
      clientWidth,
      scrollWidth,
    ]);
    assert.ok(needed !== undefined && needed <= (shown ?? 0), `${needed} px of text in ${shown} px`);
    await assertFits(page);
  });

  it('works on a phone: the operator opens, retries and submits a task', async (t) => {
    const { page, faults } = await system.open(t, '/tasks?refresh=5s', PHONE);
    const card = page.getByRole('row', { name: /fail dead .* as asked/ }).first();
    await card.tap();
    const detail = page.getByRole('dialog', { name: /^Task / });
    await detail.waitFor();
    const opened = new URL(page.url()).pathname.slice('/tasks/'.length);
    const { finished_at } = await system.taskAt(opened);
    await detail.getByRole('button', { name: 'Retry' }).tap();
    const question = page.getByRole('dialog', { name: 'Retry this task?' });
    await question.getByRole('button', { name: 'Retry' }).tap();
    await until('it has run again', async () => {
      const task = await system.taskAt(opened);
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
    const { page } = await system.open(t, '/tasks?refresh=off');
    await page.getByRole('table').waitFor();
    await assertLight(page, FIRST_LOAD_LIMIT);
    await page.route('**/assets/submit-dialog-*', (route) => route.abort());
    await page.getByRole('button', { name: 'Submit a task' }).click();
    await page.getByRole('dialog', { name: 'This could not be loaded' }).waitFor();
  });

  it('keeps stale tasks, with the reason, when Redis is down', async (t) => {
    const { page } = await system.open(t, '/tasks?refresh=5s');
    await page.getByRole('table').waitFor();
    const top = await topOf(page);
    await system.redis.stop('SIGKILL');
    await page.getByText('Stale since').waitFor();
    assert.ok((await page.getByRole('table').locator('tbody tr').count()) > 0);
    await assertAccessible(page, 'stale tasks');
    assert.equal(await topOf(page), top, 'the table does not move');

    const fresh = await system.open(t, '/tasks');
    await fresh.page.getByText('Could not load the tasks').waitFor();
    const queue = await fresh.page.getByRole('region', { name: 'Queue' }).innerText();
    assert.match(queue, /Waiting\s+–\s+Active\s+–\s+Delayed\s+–\s+Dead\s+–\s+Workers\s+–/);
    assert.doesNotMatch(queue, /none|0|pause/i);
  });

  const topOf = async (page: Page) => (await page.getByRole('table').boundingBox())?.y;
});
