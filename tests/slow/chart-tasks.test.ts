import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { assertAccessible, assertFits, chartOf, openPage, startBrowser } from '../support/browser.ts';
import { type DrivenStack, startDrivenStack, untilPanelsHaveData } from '../support/driven-stack.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

describe('from a chart to its tasks, and back', () => {
  const scope = suiteScope();
  let browser: Browser;
  let stack: DrivenStack;

  before(async () => {
    [stack, browser] = await Promise.all([startDrivenStack(scope), startBrowser(scope)]);
    await untilPanelsHaveData(stack.url);
  });

  const parameter = (page: Page, name: string) => new URL(page.url()).searchParams.get(name) ?? '';
  /** Fails unless each row ended within the window of the URL, to the second. */
  async function assertWithinWindow(page: Page) {
    const [from = 0, to = 0] = parameter(page, 'ended').split('-').map(Number);
    const links = page.locator('.task-table .row-link');
    await links.first().waitFor();
    for (const href of await links.evaluateAll((all) => all.slice(0, 5).map((each) => `${each}`))) {
      const id = decodeURIComponent(new URL(href).pathname.split('/').at(-1) ?? '');
      const task = (await (await fetch(`${stack.url}/api/tasks/${id}`)).json()) as { finished_at: string };
      const ended = Date.parse(task.finished_at) / 1000;
      assert.ok(ended >= from && ended < to, `${ended} is not within ${from}-${to}`);
    }
  }

  it('a click on a chart leads to the dead tasks of that minute, and Back to the charts', async (t) => {
    const { page, faults } = await openPage(t, browser, `${stack.url}/?range=5m&refresh=off&tz=utc`);
    const card = page.getByRole('article', { name: 'Tasks given up' });
    await chartOf(page, 'Tasks given up').waitFor();
    const box = await card.locator('.u-over').boundingBox();
    assert.ok(box);
    await card.locator('.u-over').click({ position: { x: box.width - 12, y: box.height / 2 } });
    const links = card.getByRole('region', { name: 'Tasks at this point' });
    await links.waitFor();
    assert.deepEqual(await links.getByRole('link').allInnerTexts(), [
      'Dead tasks',
      'Tasks that ended',
      'Slowest tasks',
    ]);
    await assertAccessible(page, 'the tasks at a point');
    await page.keyboard.press('Enter'); // the first link has the focus
    await page.waitForURL(/\/tasks\?status=dead&ended=/);
    await page.getByText(/^Ended .+ UTC$/).waitFor();
    await assertWithinWindow(page);
    assert.deepEqual(new Set(await page.locator('.task-table .task-status').allInnerTexts()).size, 1);
    await page.goBack();
    await chartOf(page, 'Tasks given up').waitFor();
    assert.equal(parameter(page, 'range'), '5m');
    assert.deepEqual(faults, []);
  });

  it('a point of a series of one event type leads to the tasks of that type', async (t) => {
    const { page } = await openPage(t, browser, `${stack.url}/?range=5m&refresh=off&panel=events_rate`);
    const dialog = page.getByRole('dialog', { name: 'Attempts' });
    const box = await dialog.locator('.u-over').boundingBox();
    assert.ok(box);
    await dialog.locator('.u-over').click({ position: { x: box.width - 12, y: 2 } }); // the largest is at the top
    await dialog.getByRole('link', { name: 'Tasks of echo that ended' }).click();
    await page.waitForURL(/\/tasks\?type=echo&ended=/);
    await assertWithinWindow(page);
  });

  it('works by keyboard in an enlarged chart, whose links follow its range', async (t) => {
    const { page, faults } = await openPage(t, browser, `${stack.url}/?range=5m&refresh=off`);
    await page.getByRole('button', { name: 'Run time', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Run time' });
    const plot = dialog.getByRole('group', { name: /^Run time: arrow keys/ });
    await plot.focus();
    for (const key of ['End', 'ArrowLeft', 'ArrowLeft', 'Enter']) await page.keyboard.press(key);
    const point = dialog.getByRole('region', { name: 'Tasks at this point' });
    await point.waitFor();
    await page.keyboard.press('Escape');
    await point.waitFor({ state: 'detached' });
    await dialog.waitFor();
    await assertAccessible(page, 'an enlarged chart with its tasks');
    await dialog.getByText('Tasks in this range').getByRole('link', { name: 'Slowest tasks' }).click();
    await page.waitForURL(/\/tasks\?ended=\d+-\d+&sort=slowest/);
    const [from = 0, to = 0] = parameter(page, 'ended').split('-').map(Number);
    assert.ok(Math.abs(to - from - 300) <= 2, `${from}-${to}`);
    await page.getByText(/^Those that ran longest first, of [\d,]+ that were looked at/).waitFor();
    await assertWithinWindow(page);
    await page.getByRole('button', { name: 'Show the newest first' }).click();
    await page.waitForURL((url) => !url.searchParams.has('sort'));
    assert.deepEqual(faults, []);
  });

  for (const [look, viewport] of [
    ['desktop', { width: 1440, height: 900 }],
    ['phone', { width: 390, height: 844 }],
  ] as const) {
    it(`a task leads to the charts at its time, which mark it (${look})`, async (t) => {
      const { page, faults } = await openPage(t, browser, `${stack.url}/tasks?status=dead`, { viewport });
      await page.locator('.task-table .row-link').first().click();
      await page.getByRole('dialog').getByRole('link', { name: 'Charts at this time' }).click();
      await page.waitForURL(/\/\?task=.+&at=\d+&from=\d+&to=\d+/);
      const [from, at, to] = ['from', 'at', 'to'].map((name) => Number(parameter(page, name)));
      assert.ok(Number(from) < Number(at) && Number(at) <= Number(to));
      const marks = page.getByRole('region', { name: 'Marks' });
      const id = parameter(page, 'task');
      await marks.getByRole('link', { name: `Task ${id.slice(0, 8)}` }).click();
      await page.waitForURL(new RegExp(`/tasks/${id}`));
      await until('the page fits', async () => {
        await assertFits(page);
        return true;
      });
      assert.deepEqual(faults, []);
    });
  }
});
