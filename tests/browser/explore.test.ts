import assert from 'node:assert/strict';
import { before, describe, it, type TestContext } from 'node:test';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { assertAccessible, assertFits, keepScreenshot, openPage, startBrowser } from '../support/browser.ts';
import { type DrivenStack, startDrivenStack, untilPanelsHaveData } from '../support/driven-stack.ts';
import { request } from '../support/http.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

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
  const linkOf = (query: string) =>
    `/explore?${new URLSearchParams({ q: query, range: '15m', refresh: 'off' })}`;

  it('draws the queries of a link, and shows their values now as the API gives them', async (t) => {
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

  it('takes a query with completion, runs it by keys, and shows an error with its place', async (t) => {
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

  it('is opened from a panel with its queries and time', async (t) => {
    const { page } = await open(t, '/?range=15m&refresh=off');
    await page.getByRole('link', { name: 'Run time: open in explore' }).click();
    await page.waitForURL((url) => url.pathname === '/explore');
    const asked = new URL(page.url()).searchParams;
    assert.equal(asked.getAll('q').length, 3);
    assert.equal(asked.get('range'), '15m');
    await page.getByRole('img', { name: /chart/ }).waitFor();
  });

  it('copies a link, the PromQL and the values as CSV, and remembers what was run', async (t) => {
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

  it('says when nothing matches', async (t) => {
    const { page } = await open(t, linkOf('no_such_metric'));
    await page
      .getByText(/no series/i)
      .first()
      .waitFor();
    await assertAccessible(page, 'no series');
  });

  for (const [name, options] of [
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['phone', { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
  ] as const) {
    it(`fits, has no fault, and nothing that axe-core finds: ${name}`, async (t) => {
      const { page, faults } = await open(t, linkOf(RATE), options);
      await page.getByRole('img', { name: /chart/ }).waitFor();
      await page.locator('.cm-content').waitFor();
      await assertAccessible(page, name);
      await assertFits(page);
      assert.deepEqual(faults, []);
      if (name !== 'phone') await keepScreenshot(page, `explore-${name}`);
    });
  }
});
