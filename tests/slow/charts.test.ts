import assert from 'node:assert/strict';
import { before, describe, it, type TestContext } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import {
  assertAccessible,
  assertFits,
  chartOf,
  keepScreenshot,
  LOOKS,
  openPage,
  startBrowser,
} from '../support/browser.ts';
import { type DrivenStack, untilPanelsHaveData } from '../support/driven-stack.ts';
import { copyToEarlier } from '../support/earlier-samples.ts';
import { assertHoversFast } from '../support/hover-cost.ts';
import { post, request } from '../support/http.ts';
import { LARGEST_TYPES, SMALL_TYPES, startStackOfManyTypes } from '../support/many-types.ts';
import { suiteScope } from '../support/scope.ts';
import { importSamples } from '../support/tsdb.ts';
import { until } from '../support/until.ts';

const DAY = 86_400;
const WINDOW_SECONDS = 60;
const ATTEMPTS = 'sum by (event_type, status) (asdlc_events_processed_total)';
/** Series of the tasks that a driven stack gets all the time: `echo`, `fail`, and both outcomes of `fail.once`. */
const DRIVEN_SERIES = 4;

/** Makes the page keep the dash and the colour of each line that a canvas draws. */
const KEEP_STROKES = `
  const { stroke } = CanvasRenderingContext2D.prototype;
  globalThis.strokes = [];
  CanvasRenderingContext2D.prototype.stroke = function (...path) {
    globalThis.strokes.push([this.strokeStyle, this.getLineDash().join(' '), this.lineWidth]);
    stroke.apply(this, path);
  };
`;

describe('charts of a system with 150 event types', () => {
  const scope = suiteScope();
  let stack: DrivenStack;
  let browser: Browser;
  let from: number;
  /** Parameters of a minute of real traffic. A day before, memory was twice as large, and 30 % less happened. */
  let past: string;

  before(async () => {
    [stack, browser] = await Promise.all([startStackOfManyTypes(scope), startBrowser(scope)]);
    await untilPanelsHaveData(stack.url, process.env.SCREENSHOTS ? WINDOW_SECONDS - 15 : 15);
    const to = Math.floor(Date.now() / 1000) - 3;
    from = to - WINDOW_SECONDS;
    past = `from=${from}&to=${to}&tz=utc&refresh=off`;
    await copyToEarlier(stack.tsdb.url, DAY, (name, value) => {
      if (name === 'asdlc_process_memory_bytes') return 2 * value;
      return name.endsWith('_total') ? 0.7 * value : value;
    });
  });

  const open = (t: TestContext, path: string, options: BrowserContextOptions = {}) =>
    openPage(t, browser, `${stack.url}${path}`, options);
  const sampleOf = async (query: string): Promise<number> => {
    const { body } = await request(`${stack.tsdb.url}/api/v1/query?query=${encodeURIComponent(query)}`);
    return Number(body.data.result[0]?.value[1]);
  };

  const exploreAttempts = () => `/explore?${past}&${new URLSearchParams({ q: ATTEMPTS })}`;

  describe('beside those of an earlier time', () => {
    const memoryOf = (page: Page) => page.getByRole('article', { name: 'Memory' });

    it('come in the same request, and legend, tooltip and table say both values and the difference', async (t) => {
      const { page, faults } = await open(t, `/?${past}`);
      await chartOf(page, 'Memory').waitFor();
      const asked: string[] = [];
      page.on('request', (request) => {
        if (/panels\?names=.*width=250/.test(request.url())) asked.push(request.url());
      });
      await page.getByLabel('Compare with').selectOption({ label: 'vs a day earlier' });
      await page.waitForURL(/compare=1d/);
      const memory = memoryOf(page);
      const entry = memory.getByRole('button', { name: /asdlc-workers/ });
      await entry.getByText(/^was /).waitFor();
      assert.equal(asked.length, 1, asked.join('\n'));
      const number = String.raw`([\d.]+) MiB`;
      const said = new RegExp(`${number}\\s*was ${number}, −${number}`);
      assertDoubled(said, await entry.innerText());
      await page
        .getByRole('article', { name: 'Redis connection' })
        .getByText('was up, same')
        .first()
        .waitFor();

      const over = memory.locator('.u-over');
      const { width } = (await over.boundingBox()) ?? assert.fail('no plot');
      await over.hover({ position: { x: width - 30, y: 40 } }); // the older half may be from before the start
      const tooltip = memory.locator('.tooltip');
      const row = new RegExp(`asdlc-workers \\S+\\s*${number}\\s*${number}\\s*−${number}`);
      assert.match(await tooltip.innerText(), /now\s+a day earlier\s+difference/);
      assertDoubled(row, await tooltip.innerText());

      await memory.getByRole('button', { name: 'show as table' }).click();
      await memory.getByRole('columnheader', { name: /^asdlc-workers .*, a day earlier$/ }).waitFor();
      assert.deepEqual(faults, []);
    });

    it('are drawn in the same colour, thin and dashed', async (t) => {
      const { page } = await open(t, '/docs');
      await page.addInitScript(KEEP_STROKES);
      const strokes = async (path: string) => {
        await page.goto(`${stack.url}${path}`);
        await chartOf(page, 'Event-loop delay').waitFor();
        return (await page.evaluate('globalThis.strokes')) as [color: string, dash: string, width: number][];
      };
      const isEarlier = ([, dash, width]: readonly [string, string, number]) => dash === '3 3' && width === 1;
      const alone = await strokes(`/?${past}`);
      assert.equal(alone.filter(isEarlier).length, 0);
      const drawn = await strokes(`/?${past}&compare=1d`);
      const earlier = drawn.filter(isEarlier);
      assert.ok(earlier.length > 20, `${earlier.length} dashed lines`);
      for (const [color] of earlier) {
        const same = drawn.some(([other, dash, width]) => other === color && width > 1 && dash !== '3 3');
        assert.ok(same, `a line of now in ${color}`);
      }
      const colors = (all: typeof drawn) =>
        new Set(all.filter(([, , width]) => width > 1).map(([color]) => color));
      assert.deepEqual(colors(drawn), colors(alone), 'the comparison costs no colours');
    });

    it('are chosen by a key, and the enlarged chart compares its means', async (t) => {
      const { page } = await open(t, `/?${past}`);
      await chartOf(page, 'Memory').waitFor();
      await page.locator('main').focus();
      const select = page.getByLabel('Compare with');
      for (const compare of ['1d', '7d', '']) {
        await page.keyboard.press('c');
        assert.equal(await select.inputValue(), compare);
      }
      await page.goto(`${stack.url}/?${past}&compare=1d&panel=memory`);
      const dialog = page.getByRole('dialog', { name: 'Memory' });
      await dialog.getByRole('columnheader', { name: 'Mean a day earlier' }).waitFor();
      const cells = await dialog.locator('.summary-table tbody tr').first().locator('td').allInnerTexts();
      const [, mean = 0, was = 0] = cells.map((text) => Number(text.split(' ')[0]));
      assert.ok(Math.abs(was / mean - 2) < 0.02, cells.join(', '));
      await assertAccessible(page, 'an enlarged panel with a comparison');
    });

    it('are gaps where the TSDB knows nothing', async (t) => {
      const { page, faults } = await open(t, `/?${past}&compare=7d`);
      await memoryOf(page).getByText('was –').first().waitFor();
      assert.deepEqual(faults, []);
    });

    for (const [look, options] of LOOKS) {
      it(`fit the screen, with no axe-core findings: ${look}`, async (t) => {
        const { page, faults } = await open(t, `/?${past}&compare=1d`, options);
        await memoryOf(page).getByText('was ').first().waitFor();
        await page.getByRole('region', { name: 'Marks' }).waitFor();
        await assertAccessible(page, look);
        await assertFits(page);
        assert.deepEqual(faults, []);
        await page.evaluate('scrollTo(0, 0)');
        const requests = page.getByRole('article', { name: 'Requests', exact: true });
        await requests.locator('.u-over').hover({ position: { x: 200, y: 40 } });
        await keepScreenshot(page, `compare-${look}`);
      });
    }
  });

  describe('and more series than lines', () => {
    it('draw the largest, name the number of the others, and give the colours to what they draw', async (t) => {
      const { page, faults } = await open(t, `/?${past}`);
      const attempts = page.getByRole('article', { name: 'Attempts', exact: true });
      await attempts.getByRole('img').waitFor();
      const smaller = SMALL_TYPES.length + DRIVEN_SERIES;
      const drawn = [...LARGEST_TYPES.map((eventType) => `${eventType} success`), `${smaller} others`];
      assert.deepEqual((await attempts.locator('.legend-name').allTextContents()).sort(), drawn.sort());
      const idle = (await sampleOf(`count(${ATTEMPTS})`)) - LARGEST_TYPES.length - smaller;
      assert.ok(idle > 200, `${idle} idle`);
      await attempts.getByText(`${smaller} smaller, ${idle} idle`).waitFor();
      const swatches = await attempts.locator('.legend .swatch line').evaluateAll(
        (lines) => lines.map((line) => (line as unknown as { outerHTML: string }).outerHTML), // the tests' types have no DOM
      );
      assert.equal(new Set(swatches).size, drawn.length, swatches.join('\n'));
      const plain = swatches.filter((line) => !line.includes('stroke-dasharray'));
      assert.equal(plain.length, 6, 'lines in the six colours of categories, without a dash');
      assert.deepEqual(faults, []);
      await keepScreenshot(page, 'event-types');
    });

    it('are drawn and exported in explore for the largest, which says how many there are', async (t) => {
      const permissions = ['clipboard-read', 'clipboard-write'];
      const { page, faults } = await open(t, exploreAttempts(), { permissions });
      const count = await sampleOf(`count(${ATTEMPTS})`);
      await page.getByText(`The largest 50 of ${count} series shown, in the CSV too.`).waitFor();
      assert.equal(await page.getByRole('list', { name: 'Series' }).getByRole('listitem').count(), 50);
      await page.getByRole('button', { name: /^Copy CSV/ }).click();
      const csv = String(await page.evaluate('navigator.clipboard.readText()'));
      const [head = ''] = csv.split('\r\n');
      assert.equal(head.split('status=').length - 1, 50);
      for (const eventType of LARGEST_TYPES)
        assert.ok(head.includes(`""${eventType}""`), `${eventType}: ${head}`);
      assert.deepEqual(faults, []);
    });
  });

  describe('with marks', () => {
    before(async () => {
      await post(`${stack.url}/api/queue/pause`, {});
    });

    it('make no long task when the pointer moves over them', async (t) => {
      const { page } = await open(t, `/?${past}&compare=1d`);
      await page.getByRole('region', { name: 'Marks' }).waitFor();
      const plot = page.locator('.u-over').first();
      await assertHoversFast(page, plot, 'all charts beside a day earlier, with marks');

      await page.goto(`${stack.url}/?${past}&compare=1d&panel=events_rate`);
      const dialog = page.getByRole('dialog', { name: 'Attempts' });
      await dialog.locator('.summary-table tbody tr').nth(49).waitFor();
      await assertHoversFast(page, dialog.locator('.u-over'), 'enlarged: 50 series beside a day earlier');

      await page.goto(`${stack.url}${exploreAttempts()}`);
      await page.getByRole('list', { name: 'Series' }).getByRole('listitem').nth(49).waitFor();
      await assertHoversFast(page, plot, 'explore: 50 series');
    });

    it('say in the list and in the tooltip of their time what started, is new, and was paused', async (t) => {
      const to = await until('the pause is scraped', async () => {
        const isPaused = (await sampleOf('min(min_over_time(asdlc_queue_paused[4s]))')) === 1;
        return isPaused && Math.floor(Date.now() / 1000);
      });
      // The page looks every 15 s from the start of its window: here once in the pause, and once before.
      const start = to - 2 - 15 * Math.ceil((to - from) / 15);
      const version = 'asdlc_service_info{service="asdlc-workers",version="9.9.9"}';
      const lines = Array.from({ length: 20 }, (_, i) => `${version} 1 ${(to - i) * 1000}\n`);
      await importSamples(stack.tsdb.url, lines.join(''));
      const { page, faults } = await open(t, `/?from=${start}&to=${to}&tz=utc&refresh=off`);
      const entries = page.getByRole('region', { name: 'Marks' }).getByRole('listitem');
      await entries.first().waitFor();
      const marks = (await entries.allInnerTexts()).map(
        (text) => /^(\S+ \S+) (.*)$/.exec(text)?.slice(1) ?? [],
      );
      const texts = marks.map(([, text]) => text);
      for (const text of [
        `asdlc-orchestrator 127.0.0.1:${stack.orchestrator.port} started`,
        `asdlc-workers 127.0.0.1:${stack.workers.port} started`,
        'asdlc-workers 9.9.9 is new',
        'The queue was paused',
      ])
        assert.ok(texts.includes(text), texts.join(', '));
      const memory = page.getByRole('article', { name: 'Memory' });
      const over = memory.locator('.u-over');
      const { width } = (await over.boundingBox()) ?? assert.fail('no plot');
      for (const [time = '', text = ''] of marks) {
        const seconds = Date.parse(`${time.replace(' ', 'T')}Z`) / 1000;
        await over.hover({ position: { x: (width * (seconds - start)) / (to - start), y: 30 } });
        const shown = await memory.locator('.tooltip-mark').allTextContents();
        assert.ok(shown.includes(text), `${text} at ${time}; got ${shown}`);
      }
      assert.deepEqual(faults, []);
      await keepScreenshot(page, 'marks');
    });
  });
});

/** Fails unless the text has a value, twice the value, and their difference. */
function assertDoubled(pattern: RegExp, text: string): void {
  const match = pattern.exec(text);
  const [, now = 0, earlier = 0, difference = 0] = (match ?? assert.fail(text)).map(Number);
  assert.ok(Math.abs(earlier / now - 2) < 0.02, `${now}, ${earlier}`);
  assert.ok(Math.abs(difference / now - 1) < 0.02, `${now}, ${difference}`);
}
