import assert from 'node:assert/strict';
import { before, describe, it, type TestContext } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { chartOf, LOOKS, openPage, startBrowser } from '../support/browser.ts';
import { startDrivenStack } from '../support/driven-stack.ts';
import { assertHoversFast } from '../support/hover-cost.ts';
import { assertRespondsFast, type Interaction, observeInteractions } from '../support/interaction-cost.ts';
import { suiteScope } from '../support/scope.ts';
import { importSamples } from '../support/tsdb.ts';
import { until } from '../support/until.ts';

const EVENT_TYPES = 165;
/** Two for each event type, as with tasks that complete and tasks that fail. */
const SERIES = 2 * EVENT_TYPES;
const RATE = 'sum by (event_type, status) (rate(asdlc_events_processed_total[1m]))';
const [MINUTES, STEP_SECONDS] = [60, 15];

/** An hour of attempts of made-up event types: each has another rate. */
function exposition(end: number): string {
  const count = (MINUTES * 60) / STEP_SECONDS;
  const lines = Array.from({ length: SERIES }, (_, n) => {
    const labels = `service="asdlc-workers",instance="made-up",event_type="type.${n >> 1}",status="${n % 2 === 0 ? 'success' : 'failed'}"`;
    return Array.from({ length: count }, (_, i) => {
      const value = Math.round((n + 10) * (i + 5 * Math.sin(i / 9 + n)) + 60 * n);
      return `asdlc_events_processed_total{${labels}} ${value} ${(end - (count - i) * STEP_SECONDS) * 1000}\n`;
    }).join('');
  });
  return lines.join('');
}

describe('a page with 330 series', () => {
  const scope = suiteScope();
  let url: string;
  let browser: Browser;
  let past: string;

  before(async () => {
    const [stack, started] = await Promise.all([startDrivenStack(scope), startBrowser(scope)]);
    [url, browser] = [stack.url, started];
    const end = Math.floor(Date.now() / 1000) - 30;
    await importSamples(stack.tsdb.url, exposition(end));
    past = `from=${end - 3_600}&to=${end}&tz=utc&refresh=off`;
    await until('the TSDB has all series', async () => {
      const query = `count(last_over_time(asdlc_events_processed_total{instance="made-up"}[1h]))`;
      const response = await fetch(`${stack.tsdb.url}/api/v1/query?query=${encodeURIComponent(query)}`);
      const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
      return Number(data.result[0]?.value[1]) === SERIES;
    });
  });

  const open = async (t: TestContext, path: string, options = {}) => {
    const { page, faults } = await openPage(t, browser, `${url}/workers`, options);
    await observeInteractions(page);
    await page.goto(`${url}${path}`);
    return { page, faults };
  };
  const pressed = (entry: Locator, state: boolean) =>
    until(`it is ${state ? 'shown' : 'hidden'}`, async () => {
      return (await entry.getAttribute('aria-pressed')) === String(state);
    });
  /** Hides and shows a line by its entry in the legend. */
  const toggling = (entry: Locator): readonly [Interaction, Interaction] => [
    { input: () => entry.click(), shown: () => pressed(entry, false) },
    { input: () => entry.click(), shown: () => pressed(entry, true) },
  ];
  /** Changes the range, and changes it again. */
  const ranging = (page: Page, isShown: () => Promise<unknown>): readonly [Interaction, Interaction] => {
    const choosing = (range: string): Interaction => ({
      input: () => page.getByRole('button', { name: range, exact: true }).click(),
      shown: () => page.waitForURL(new RegExp(`range=${range}`)).then(isShown),
    });
    return [choosing('6h'), choosing('1h')];
  };

  for (const [look, options] of LOOKS.slice(0, 2)) {
    it(`answers within 100 ms on the overview: ${look}`, async (t) => {
      const { page, faults } = await open(t, `/?${past}`, options);
      const attempts = page.getByRole('article', { name: 'Attempts', exact: true });
      await attempts.getByRole('img').waitFor();
      await attempts.getByText(/smaller/).waitFor();
      const dialog = page.getByRole('dialog', { name: 'Attempts' });
      const opening: Interaction = {
        input: () => attempts.getByRole('button', { name: 'Attempts: enlarge' }).click(),
        shown: () => dialog.locator('.summary-table tbody tr').nth(49).waitFor(),
      };
      const closing: Interaction = {
        input: () => page.keyboard.press('Escape'),
        shown: () => dialog.waitFor({ state: 'detached' }),
      };
      t.diagnostic(await assertRespondsFast(page, 'an enlarged panel', [opening, closing]));
      const entry = attempts.locator('.legend button').first();
      t.diagnostic(await assertRespondsFast(page, 'an entry of a legend', toggling(entry)));
      await opening.input();
      await opening.shown();
      const enlargedEntry = dialog.locator('.legend button').first();
      t.diagnostic(await assertRespondsFast(page, 'an entry, enlarged', toggling(enlargedEntry)));
      await assertHoversFast(page, dialog.locator('.u-over'), 'an enlarged panel');
      await closing.input();
      await closing.shown();
      const isShown = () => attempts.and(page.locator('[data-freshness="ok"]')).waitFor();
      t.diagnostic(await assertRespondsFast(page, 'another range', ranging(page, isShown)));
      assert.deepEqual(faults, []);
    });

    it(`answers within 100 ms on the page explore: ${look}`, async (t) => {
      const search = new URLSearchParams({ q: RATE });
      const { page, faults } = await open(t, `/explore?${past}&${search}`, options);
      await page.getByText(/^The largest 50 of 3\d\d series shown/).waitFor();
      const entry = page.getByRole('list', { name: 'Series' }).getByRole('button').first();
      t.diagnostic(await assertRespondsFast(page, 'an entry of a legend', toggling(entry)));
      await assertHoversFast(page, page.locator('.u-over').first(), 'explore');
      const show = (view: string) => page.getByRole('button', { name: view, exact: true }).click();
      const showing = [
        { input: () => show('Table'), shown: () => page.getByRole('table').waitFor() },
        { input: () => show('Chart'), shown: () => chartOf(page, 'Results').waitFor() },
      ] as const;
      t.diagnostic(await assertRespondsFast(page, 'the table of all series', showing));
      const isShown = () => page.locator('.results[aria-busy="false"]').waitFor();
      t.diagnostic(await assertRespondsFast(page, 'another range', ranging(page, isShown)));
      assert.deepEqual(faults, []);
    });
  }
});
