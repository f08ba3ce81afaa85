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
import { type DrivenStack, startDrivenStack, untilPanelsHaveData } from '../support/driven-stack.ts';
import { copyToEarlier } from '../support/earlier-samples.ts';
import { suiteScope } from '../support/scope.ts';

const DAY = 86_400;
const WINDOW_SECONDS = 60;

/** Makes the page keep the dash and the colour of each line that a canvas draws. */
const KEEP_STROKES = `
  const { stroke } = CanvasRenderingContext2D.prototype;
  globalThis.strokes = [];
  CanvasRenderingContext2D.prototype.stroke = function (...path) {
    globalThis.strokes.push([this.strokeStyle, this.getLineDash().join(' '), this.lineWidth]);
    stroke.apply(this, path);
  };
`;

describe('charts beside those of an earlier time', () => {
  const scope = suiteScope();
  let stack: DrivenStack;
  let browser: Browser;
  /** Parameters of a minute of real traffic. A day before, memory was twice as large, and 30 % less happened. */
  let past: string;

  before(async () => {
    [stack, browser] = await Promise.all([startDrivenStack(scope), startBrowser(scope)]);
    await untilPanelsHaveData(stack.url, process.env.SCREENSHOTS ? WINDOW_SECONDS - 5 : 15);
    const to = Math.floor(Date.now() / 1000) - 3;
    past = `from=${to - WINDOW_SECONDS}&to=${to}&tz=utc&refresh=off`;
    await copyToEarlier(stack.tsdb.url, DAY, (name, value) => {
      if (name === 'asdlc_process_memory_bytes') return 2 * value;
      return name.endsWith('_total') ? 0.7 * value : value;
    });
  });

  const open = (t: TestContext, path: string, options: BrowserContextOptions = {}) =>
    openPage(t, browser, `${stack.url}${path}`, options);
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
    await page.getByRole('article', { name: 'Redis connection' }).getByText('was up, same').first().waitFor();

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
    const { page } = await open(t, `/?${past}`);
    await page.addInitScript(KEEP_STROKES);
    const strokes = async (path: string) => {
      await page.goto(`${stack.url}${path}`);
      await chartOf(page, 'Event-loop delay').waitFor();
      return (await page.evaluate('globalThis.strokes')) as [color: string, dash: string, width: number][];
    };
    const isEarlier = ([, dash, width]: readonly [string, string, number]) => dash === '3 3' && width === 1;
    assert.equal((await strokes(`/?${past}`)).filter(isEarlier).length, 0);
    const drawn = await strokes(`/?${past}&compare=1d`);
    const earlier = drawn.filter(isEarlier);
    assert.ok(earlier.length > 20, `${earlier.length} dashed lines`);
    for (const [color] of earlier) {
      const same = drawn.some(([other, dash, width]) => other === color && width > 1 && dash !== '3 3');
      assert.ok(same, `a line of now in ${color}`);
    }
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

/** Fails unless the text has a value, twice the value, and their difference. */
function assertDoubled(pattern: RegExp, text: string): void {
  const match = pattern.exec(text);
  const [, now = 0, earlier = 0, difference = 0] = (match ?? assert.fail(text)).map(Number);
  assert.ok(Math.abs(earlier / now - 2) < 0.02, `${now}, ${earlier}`);
  assert.ok(Math.abs(difference / now - 1) < 0.02, `${now}, ${difference}`);
}
