import assert from 'node:assert/strict';
import { before, describe, it, type TestContext } from 'node:test';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import {
  assertAccessible,
  assertFits,
  assertLight,
  chartOf,
  keepScreenshot,
  LOOKS,
  openPage,
  PHONE,
  startBrowser,
} from '../support/browser.ts';
import { type DrivenStack, startDrivenStack, untilPanelsHaveData } from '../support/driven-stack.ts';
import { request } from '../support/http.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

/** Most of it is the editor, which loads after the page is usable. */
const FIRST_LOAD_LIMIT = 205 * 1024;
const MEMORY = 'asdlc_process_memory_bytes';
const RATE = 'sum by (event_type) (rate(asdlc_events_processed_total[10s]))';

describe('the explore page', () => {
  const scope = suiteScope();
  let browser: Browser;
  let stack: DrivenStack;

  before(async () => {
    [browser, stack] = await Promise.all([startBrowser(scope), startDrivenStack(scope)]);
    await untilPanelsHaveData(stack.url);
  });

  const open = (t: TestContext, path: string, options: BrowserContextOptions = {}) =>
    openPage(t, browser, `${stack.url}${path}`, options);
  const linkOf = (...queries: string[]) => {
    const asked = queries.map((query) => new URLSearchParams({ q: query }).toString());
    return `/explore?${['range=15m&refresh=off', ...asked].join('&')}`;
  };

  it('draws the queries of a link, and shows the values that the API returns', async (t) => {
    const { page, faults } = await open(t, linkOf('count(up == 1)'));
    await page.getByRole('img', { name: /chart/ }).waitFor();
    await page.getByRole('button', { name: 'Table', exact: true }).click();
    await page.waitForURL(/show=table/);
    const row = page.getByRole('table').locator('tbody tr');
    await row.waitFor();
    const { body } = await request(`${stack.url}/api/metrics/query?query=count(up==1)`);
    assert.match(await row.innerText(), new RegExp(`\\b${body.data.result[0].value[1]}$`));
    assert.deepEqual(faults, []);
  });

  it('completes a query, runs it by keys, and shows an error', async (t) => {
    const { page, faults } = await open(t, '/explore?range=15m&refresh=off');
    const editor = page.locator('.cm-content');
    await editor.click();
    await page.keyboard.type('asdlc_active_w');
    await page.getByRole('option', { name: /asdlc_active_workers/ }).click();
    await until('the name is completed', async () => /^asdlc_active_workers/.test(await editor.innerText()));
    await page.keyboard.press('Control+Enter');
    await page.waitForURL(/q=asdlc_active_workers/);
    await page.getByRole('img', { name: /chart/ }).waitFor();
    await editor.click();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('up +');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+Enter');
    await page
      .getByText(/expected PromQL/)
      .first()
      .waitFor();
    assert.deepEqual(faults, []);
  });

  it('completes labels and their values, and marks errors while the operator types', async (t) => {
    const { page, faults } = await open(t, '/explore?range=15m&refresh=off');
    const editor = page.locator('.cm-content');
    await editor.click();
    await page.keyboard.type('asdlc_events_processed_total{event_t');
    await page.getByRole('option', { name: 'event_type' }).click();
    await page.keyboard.type('="');
    await page.getByRole('option', { name: 'echo', exact: true }).click();
    const written = 'asdlc_events_processed_total{event_type="echo"}';
    await until('the label and its value are completed', async () => (await editor.innerText()) === written);
    await page.keyboard.press('Control+Enter');
    await chartOf(page, 'Results').waitFor();
    await editor.click();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('rate(up');
    await page.locator('.cm-lintRange-error').getByText('up').waitFor();
    assert.deepEqual(faults, []);
  });

  it('keeps a result on the screen when the next query fails, and says so', async (t) => {
    const { page } = await open(t, linkOf('up'));
    await chartOf(page, 'Results').waitFor();
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('up +');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+Enter');
    await page.getByText('Showing the previous result').waitFor();
    assert.ok(await chartOf(page, 'Results').isVisible());
    assert.match(await page.getByRole('region', { name: 'Results' }).innerText(), /asdlc-workers/);
    await assertAccessible(page, 'a result that stays');
  });

  it('draws several queries in one chart, each with its letter, and removes one', async (t) => {
    const { page } = await open(t, linkOf('count(up)', MEMORY));
    await chartOf(page, 'Results').waitFor();
    const legend = page.getByRole('list', { name: 'Series' });
    await until('both are drawn', async () => /^A\s+count\(up\).*B\s+\{/s.test(await legend.innerText()));
    await page.getByRole('button', { name: 'Add query' }).click();
    await page.getByRole('textbox', { name: 'Query C' }).fill('vector(1)');
    await page.getByRole('button', { name: 'Run all' }).click();
    await page.waitForURL((url) => url.searchParams.getAll('q').length === 3);
    await until('the third is drawn', async () => /C\s+vector\(1\)/.test(await legend.innerText()));
    await page.getByRole('button', { name: 'Table', exact: true }).click();
    await until('each has a table', async () => (await page.getByRole('table').count()) === 3);
    await page.getByRole('button', { name: 'Remove query A' }).click();
    await page.waitForURL((url) => url.searchParams.getAll('q').join() === `${MEMORY},vector(1)`);
    await until('two tables are left', async () => (await page.getByRole('table').count()) === 2);
  });

  it('shows the unit of the metric name, the labels that differ, and the points as a table', async (t) => {
    const { page } = await open(t, linkOf(MEMORY));
    await chartOf(page, 'Results').waitFor();
    const legend = await page.getByRole('list', { name: 'Series' }).innerText();
    assert.match(legend, /\{service="asdlc-orchestrator",type="rss"\}\s+[\d.]+ MiB/);
    assert.doesNotMatch(legend, /asdlc_process_memory_bytes|instance|job/);
    await page.getByRole('button', { name: 'Points', exact: true }).click();
    await page.waitForURL(/show=points/);
    const table = page.getByRole('region', { name: 'Results: table' });
    assert.match(await table.innerText(), /Time\s.*\{service="asdlc-orchestrator",type="rss"\}.*[\d.]+ MiB/s);
    await page.goto(`${stack.url}${linkOf('vector(0.1234567891)')}&show=table`);
    const cell = page.getByRole('cell', { name: '0.123457' });
    assert.equal(await cell.getAttribute('title'), '0.1234567891');
  });

  it('zooms in when the operator drags over the chart, and back at a double click', async (t) => {
    const { page } = await open(t, linkOf(RATE));
    const plot = page.locator('.u-over');
    const box = await plot.boundingBox();
    assert.ok(box);
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.5, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.995, y, { steps: 5 });
    await page.mouse.up();
    await page.waitForURL(/from=\d+&to=\d+/);
    await plot.dblclick();
    await page.waitForURL((url) => !url.searchParams.has('from'));
    assert.equal(new URL(page.url()).searchParams.get('q'), RATE);
  });

  it('opens from a panel with its queries and time range', async (t) => {
    const { page } = await open(t, '/?range=15m&refresh=off');
    await page.getByRole('link', { name: 'Run time: open in explore' }).click();
    await page.waitForURL((url) => url.pathname === '/explore');
    const asked = new URL(page.url()).searchParams;
    assert.equal(asked.getAll('q').length, 3);
    assert.equal(asked.get('range'), '15m');
    await page.getByRole('img', { name: /chart/ }).waitFor();
  });

  it('copies a link, the PromQL and the values as CSV, and remembers the query', async (t) => {
    const permissions = ['clipboard-read', 'clipboard-write'];
    const { page } = await open(t, linkOf(RATE), { permissions });
    await page.getByRole('img', { name: /chart/ }).waitFor();
    const copied = async (name: RegExp) => {
      await page.getByRole('button', { name }).click();
      return String(await page.evaluate('navigator.clipboard.readText()'));
    };
    assert.equal(await copied(/^Copy PromQL/), RATE);
    assert.equal(new URL(await copied(/^Copy link/)).searchParams.get('q'), RATE);
    const [head = '', first = ''] = (await copied(/^Copy CSV/)).split('\r\n');
    assert.match(head, /time/i);
    assert.match(head, /echo/);
    assert.match(first, /^\d{4}-\d\d-\d\dT|^\d+/);
    await page
      .getByRole('button', { name: /history/i })
      .first()
      .click();
    await page.getByRole('dialog').getByText(RATE).waitFor();
    await assertAccessible(page, 'the history');
  });

  it('says so when no series matches', async (t) => {
    const { page } = await open(t, linkOf('no_such_metric'));
    await page
      .getByText(/no series/i)
      .first()
      .waitFor();
    await assertAccessible(page, 'no series');
  });

  it('loads its page and its editor compressed, and nothing else', async (t) => {
    const { page } = await open(t, linkOf(RATE));
    await chartOf(page, 'Results').waitFor();
    await page.locator('.cm-content').waitFor();
    await assertLight(page, FIRST_LOAD_LIMIT);
  });

  it('enlarges a panel on a phone', async (t) => {
    const { page, faults } = await open(t, '/?range=15m&refresh=off', PHONE);
    await page.getByRole('button', { name: 'Memory', exact: true }).tap();
    const dialog = page.getByRole('dialog', { name: 'Memory' });
    await dialog.getByRole('img', { name: /chart/ }).waitFor();
    await assertAccessible(page, 'an enlarged panel on a phone');
    await assertFits(page);
    await dialog.getByRole('button', { name: 'Close' }).tap();
    await page.waitForURL((url) => !url.searchParams.has('panel'));
    assert.deepEqual(faults, []);
  });

  for (const [name, options] of LOOKS) {
    it(`fits the screen, with no errors and no axe-core findings: ${name}`, async (t) => {
      const { page, faults } = await open(t, linkOf(RATE), options);
      await page.getByRole('img', { name: /chart/ }).waitFor();
      await page.locator('.cm-content').waitFor();
      await assertAccessible(page, name);
      await assertFits(page);
      assert.deepEqual(faults, []);
      if (name !== 'phone') await keepScreenshot(page, `explore-${name}`);
    });

    it(`has dialogs without axe-core findings: ${name}`, async (t) => {
      const { page, faults } = await open(t, linkOf(RATE), options);
      await chartOf(page, 'Results').waitFor();
      for (const [button, title] of [
        ['History for query A', 'Run from the history as query A'],
        [/^Last /, 'Absolute time range'],
        ['Help and keyboard shortcuts (?)', 'Help'],
      ] as const) {
        await page.getByRole('button', { name: button }).click();
        const dialog = page.getByRole('dialog', { name: title });
        await dialog.waitFor();
        await assertAccessible(page, title);
        await assertFits(page);
        await page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'detached' });
      }
      assert.deepEqual(faults, []);
    });
  }
});
