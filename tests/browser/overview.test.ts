import assert from 'node:assert/strict';
import { before, describe, it, type TestContext } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { currentValue } from '../../dashboard/src/charts/series/summary.ts';
import { formatTick, formatValue } from '../../dashboard/src/format/quantity.ts';
import { formatTime } from '../../dashboard/src/format/time.ts';
import { headlineOf } from '../../dashboard/src/overview/headline.ts';
import { PANELS } from '../../src/infrastructure/telemetry/panels.ts';
import { foldSeries } from '../../src/orchestrator/query/panel-folding.ts';
import {
  assertAccessible,
  assertFits,
  assertLight,
  canvasTexts,
  chartOf,
  coloredPixels,
  holdPanels,
  keepScreenshot,
  layoutShift,
  openPage,
  readCard,
  startBrowser,
} from '../support/browser.ts';
import { type DrivenStack, startDrivenStack, untilPanelsHaveData } from '../support/driven-stack.ts';
import { suiteScope } from '../support/scope.ts';
import { assertSame, byName } from '../support/shown-values.ts';
import { tsdbPanel } from '../support/tsdb-panel.ts';
import { until } from '../support/until.ts';

const FIRST_LOAD_LIMIT = 60 * 1024;
const WINDOW_SECONDS = 60;

const parametersOf = (page: Page) => new URL(page.url()).searchParams;

describe('the overview', () => {
  const scope = suiteScope();
  let stack: DrivenStack;
  let browser: Browser;
  /** Parameters of a minute of real traffic, the same in every test. */
  let past: string;

  before(async () => {
    [stack, browser] = await Promise.all([startDrivenStack(scope), startBrowser(scope)]);
    await untilPanelsHaveData(stack.url, process.env.SCREENSHOTS ? WINDOW_SECONDS - 5 : 15);
    const to = Math.floor(Date.now() / 1000) - 12; // the TSDB has scraped all of it
    past = `from=${to - WINDOW_SECONDS}&to=${to}&tz=utc&refresh=off`;
  });

  const open = (t: TestContext, path: string, options: BrowserContextOptions = {}) =>
    openPage(t, browser, `${stack.url}${path}`, options);

  it('shows in each panel the values that the TSDB itself returns: headline, legend and table', async (t) => {
    const { page, faults } = await open(t, `/?${past}`);
    const [start = 0, end = 0] = ['from', 'to'].map((name) => Number(new URLSearchParams(past).get(name)));
    for (const panel of PANELS) {
      const { title, unit } = panel;
      const { times, series: all } = await tsdbPanel(stack.tsdb.url, panel, { start, end });
      const { series } = foldSeries(panel, all, 10); // a card draws ten; a unit test covers the folding
      const shown = await readCard(page.getByRole('article', { name: title, exact: true }));
      const { number, unit: suffix, label } = headlineOf({ ...panel, times, series });
      const quantity = suffix === '%' ? `${number}%` : `${number} ${suffix}`;
      assertSame([shown.headline], [`${quantity} ${label}`.replace(/ +/g, ' ').trim()], title);
      const legend = series.flatMap(({ legend, values }) => [
        legend,
        formatTick(currentValue(values, times), unit),
      ]);
      assertSame(byName(shown.legend), byName(legend), title);
      const rows = times.map((time, i) => [
        formatTime(time, { isUtc: true }),
        ...series.map(({ values }) => formatValue(values[i], unit)),
      ]);
      const head = ['Time (UTC)', ...series.map(({ legend }) => legend)];
      assertSame(shown.table.flat(), [head, ...rows.toReversed()].flat(), title);
    }
    assert.deepEqual(faults, []);
  });

  it('shows at a glance the state of services with versions, Redis, TSDB, backlog and failures', async (t) => {
    const { page } = await open(t, '/?refresh=5s');
    const state = page.getByRole('region', { name: 'State of the system' });
    await state.getByText('asdlc-workers').waitFor();
    const text = await until('everything is known', async () => {
      const now = await state.innerText();
      return /\d waiting.*% of attempts/s.test(now) && now;
    });
    assert.match(text, /asdlc-orchestrator\s+1\/1 up\s+v0\.1\.0/);
    assert.match(text, /Redis\s+Up.*TSDB\s+Healthy.*\d+ waiting.*% of attempts/s);
  });

  it('keeps range, zone, theme, service and refresh in the URL, so that a link shows the same', async (t) => {
    const { page } = await open(t, '/');
    await page.getByRole('button', { name: '6h', exact: true }).click();
    await page.getByRole('button', { name: 'UTC', exact: true }).click();
    await page.getByLabel('Auto-refresh').selectOption('5');
    await page.getByLabel('Service', { exact: true }).selectOption('asdlc-workers');
    await page.locator('main').focus();
    await page.keyboard.press('t');
    await page.keyboard.press('t');
    const wanted = { range: '6h', tz: 'utc', refresh: '5s', service: 'asdlc-workers', theme: 'dark' };
    assert.deepEqual(Object.fromEntries(parametersOf(page)), wanted);
    const link = await open(t, `/${new URL(page.url()).search}`);
    await chartOf(link.page, 'Memory').waitFor();
    assert.equal(await link.page.locator('html').getAttribute('data-theme'), 'dark');
    assert.equal(await link.page.getByLabel('Auto-refresh').inputValue(), '5');
    const memory = link.page.getByRole('article', { name: 'Memory' });
    const legend = await memory.getByRole('list', { name: 'Series' }).innerText();
    assert.match(legend, /asdlc-workers/);
    assert.doesNotMatch(legend, /asdlc-orchestrator/);
  });

  it('zooms all charts when the operator drags over one, and back at a double click', async (t) => {
    const { page } = await open(t, '/?range=15m&refresh=off');
    const requests = page.getByRole('article', { name: 'Requests', exact: true });
    const box = await requests.locator('.u-over').boundingBox();
    assert.ok(box);
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.5, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.99, y, { steps: 5 });
    await page.mouse.up();
    await page.waitForURL(/from=\d+&to=\d+/);
    const [from, to] = ['from', 'to'].map((name) => Number(parametersOf(page).get(name)));
    assert.ok(Math.abs(Number(to) - Number(from) - 441) < 60, `${from} to ${to}`);
    await page.getByRole('article', { name: 'Memory' }).locator('.u-over, .empty-state').first().waitFor();
    await requests.locator('.u-over').dblclick();
    await page.waitForURL((url) => !url.searchParams.has('from'));
  });

  it('accepts an absolute range, and says what is wrong with one', async (t) => {
    const { page } = await open(t, '/?tz=utc&refresh=off');
    await page.getByRole('button', { name: /^Last / }).click();
    const dialog = page.getByRole('dialog', { name: 'Absolute time range' });
    await dialog.getByLabel('From').fill('2026-01-02T03:04:05');
    await dialog.getByLabel('To').fill('2026-01-02T03:04:05');
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await dialog.getByText('Expected an end at least 60 s after the start.').waitFor();
    await dialog.getByLabel('To').fill('2028-01-02T03:04:05');
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await dialog.getByText('Expected at most 366 days between start and end; got 730.').waitFor();
    await dialog.getByLabel('To').fill('2026-01-02T04:04:05');
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await page.waitForURL(/from=1767323045&to=1767326645/);
    await page.getByText('No data in this range').first().waitFor();
    await assertAccessible(page, 'panels without data');
  });

  it('moves nothing while it loads', async (t) => {
    const { page } = await open(t, '/tasks');
    const panels = await holdPanels(page);
    await page.goto(`${stack.url}/?refresh=off`);
    await page
      .locator('article[aria-busy="true"]')
      .nth(PANELS.length - 1)
      .waitFor();
    panels.release();
    await chartOf(page, 'Event-loop delay').waitFor();
    const shift = await layoutShift(page);
    assert.ok(shift < 0.001, `cumulative layout shift: ${shift}`);
  });

  it('draws a series with a single point', async (t) => {
    const { page } = await open(t, '/?range=7d&refresh=off');
    await chartOf(page, 'Memory').waitFor();
    const colored = await coloredPixels(chartOf(page, 'Memory').locator('canvas'));
    assert.ok(colored > 5, `${colored} pixels in colour`);
  });

  it('has even times on the axis in every zone, even in a week in which clocks change', async (t) => {
    const week = 'from=1761177600&to=1761782400'; // 23 to 30 October 2025; Berlin's clocks on the 26th
    for (const [timezoneId, tz] of [
      ['Europe/Berlin', 'utc'],
      ['Europe/Berlin', 'local'],
      ['Asia/Kathmandu', 'local'],
    ] as const) {
      const { page } = await open(t, '/docs', { timezoneId });
      const texts = await canvasTexts(page);
      await page.goto(`${stack.url}/explore?q=vector(1)&${week}&tz=${tz}`);
      await page.locator('.u-over').waitFor();
      const times = (await texts()).filter((text) => /^\d\d[-:]\d\d$/.test(text));
      assert.ok(times.length >= 7, times.join(' '));
      for (const time of times) assert.match(time, /^(10-\d\d|12:00)$/, `${timezoneId}, ${tz}: ${times}`);
    }
  });

  it('keeps an absolute range that is applied unchanged, even in the hour that comes twice', async (t) => {
    const second = 'from=1761442200&to=1761445800'; // 02:30 in Berlin, for the second time that night
    const { page } = await open(t, `/?${second}`, { timezoneId: 'Europe/Berlin' });
    await page.getByRole('button', { name: '10-26 02:30' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal(parametersOf(page).toString(), second);
  });

  it('shows the values under the crosshair in all charts, and hides a series at a click on its legend', async (t) => {
    const { page } = await open(t, `/?${past}`);
    const requests = page.getByRole('article', { name: 'Requests', exact: true });
    const memory = page.getByRole('article', { name: 'Memory' }).getByRole('list', { name: 'Series' });
    const values = await memory.innerText();
    await requests.locator('.u-over').hover({ position: { x: 200, y: 40 } });
    await until('the values of another chart follow', async () => (await memory.innerText()) !== values);
    const entry = requests.getByRole('button', { name: /^2xx/ });
    await entry.click();
    assert.equal(await entry.getAttribute('aria-pressed'), 'false');
  });

  it('enlarges a panel, which has a URL and a link to explore it', async (t) => {
    const { page, faults } = await open(t, `/?${past}`);
    await page.getByRole('button', { name: 'Wait time', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Wait time' });
    await dialog.getByRole('img', { name: 'Wait time: chart' }).waitFor();
    assert.equal(parametersOf(page).get('panel'), 'event_wait');
    await assertAccessible(page, 'an enlarged panel');
    const href = await dialog.getByRole('link', { name: 'Open in explore' }).getAttribute('href');
    const queries = new URL(href ?? '', stack.url).searchParams.getAll('q');
    assert.equal(queries.length, 3);
    assert.match(queries[0] ?? '', /^histogram_quantile\(0.5, .*asdlc_event_wait_seconds_bucket/);
    await page.keyboard.press('Escape');
    await page.waitForURL((url) => !url.searchParams.has('panel'));
    assert.deepEqual(faults, []);
  });

  it('refreshes at the chosen interval, one request at a time, and not while the tab is hidden', async (t) => {
    const { page } = await openPage(t, browser, 'about:blank');
    await page.clock.install();
    await page.goto(`${stack.url}/?refresh=off`);
    await chartOf(page, 'CPU').waitFor();
    let asked = 0;
    let running = 0;
    let most = 0;
    await page.route('**/api/metrics/panels?names=*cpu*', async (route) => {
      asked++;
      most = Math.max(most, ++running);
      const response = await route.fetch();
      running--;
      await route.fulfill({ response });
    });
    await page.locator('main').focus();
    await page.keyboard.press('r');
    await until('a refresh by hand sends a request', () => asked === 1);
    await page.getByLabel('Auto-refresh').selectOption('5');
    await page.clock.runFor(5_000);
    await until('auto-refresh sends a request', () => asked >= 2 && running === 0);
    await page.evaluate(`
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
      document.dispatchEvent(new Event('visibilitychange'));
    `);
    const whenHidden = asked;
    await page.clock.runFor(30_000);
    assert.ok(asked <= whenHidden + 1, `${asked} requests, ${whenHidden} of them before it was hidden`);
    assert.equal(most, 1);
  });

  it('has keyboard shortcuts, and explains them', async (t) => {
    const { page } = await open(t, '/?refresh=off');
    await chartOf(page, 'CPU').waitFor();
    await page.locator('main').focus();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Help' }).getByText('Refresh now').waitFor();
    await assertAccessible(page, 'the help');
    await page.keyboard.press('Escape');
    await page.keyboard.press('1');
    await page.waitForURL(/range=15m/);
    await chartOf(page, 'CPU').waitFor();
    await page.keyboard.press('Tab');
    await until(
      'the focus is shown',
      async () => (await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')) !== 'none',
    );
  });

  const phone = {
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
  };
  for (const [name, options] of [
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['phone', phone],
    ['reduced motion', { reducedMotion: 'reduce' }],
  ] as const) {
    it(`fits the screen, with no errors and no axe-core findings: ${name}`, async (t) => {
      const { page, faults } = await open(t, `/?${past}`, options);
      await chartOf(page, 'Event-loop delay').waitFor();
      await assertAccessible(page, name);
      await assertFits(page);
      assert.deepEqual(faults, []);
      if (name !== 'reduced motion') await keepScreenshot(page, `overview-${name}`);
    });
  }

  it('loads at most 60 KiB as gzip files', async (t) => {
    const { page } = await open(t, '/');
    await chartOf(page, 'Requests').waitFor();
    await assertLight(page, FIRST_LOAD_LIMIT);
  });
});
