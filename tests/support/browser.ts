import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { findProgram } from '../../src/local-stack/processes/find-program.ts';
import { REPOSITORY } from './processes.ts';
import type { Scope } from './scope.ts';

const NAMES = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export async function startBrowser(scope: Scope): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: findProgram(NAMES, 'PATH'),
    args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none'],
  });
  scope.after(() => browser.close());
  return browser;
}

export interface OpenPage {
  readonly page: Page;
  /** What no page of ours may do: errors, content that the policy refuses, requests to other origins. */
  readonly faults: string[];
}

export const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
} as const;

/** The looks in which tests check every page. */
export const LOOKS: readonly (readonly [name: string, options: BrowserContextOptions])[] = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['phone', PHONE],
];

/** A page in a context of its own, like that of a new visitor. */
export async function openPage(
  scope: Scope,
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  scope.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // The page itself shows failed requests; Chromium's line about one is not a fault.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
      faults.push(message.text());
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) faults.push(`request to ${request.url()}`);
  });
  await page.goto(url);
  return { page, faults };
}

/** Fails with the findings of axe-core, by rule and element. */
export async function assertAccessible(page: Page, where: string): Promise<void> {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: AxeViolation[] }> } }; // just loaded
    const { violations } = await axe.run();
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 150)).join(' | ')}`,
    );
  });
  assert.deepEqual(found, [], where);
}

interface AxeViolation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

export function chartOf(page: Page, title: string): Locator {
  return page.getByRole('img', { name: `${title}: chart` });
}

/** Fails when the page is wider than the screen, with the elements that reach beyond it. */
export async function assertFits(page: Page): Promise<void> {
  const wider = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
  if (Number(wider) <= 0) return;
  const beyond = await page.evaluate(`[...document.querySelectorAll('*')]
    .filter((each) => each.getBoundingClientRect().right > innerWidth + 0.5).slice(0, 12)
    .map((each) => each.tagName + '.' + each.getAttribute('class')).join(' > ')`);
  assert.fail(`${wider} px wider than the screen: ${beyond}`);
}

/** Holds all requests for panels until `release`. */
export async function holdPanels(page: Page): Promise<{ readonly release: () => void }> {
  const { promise, resolve } = Promise.withResolvers<void>();
  await page.route('**/api/metrics/panels?names=*width=250*', async (route) => {
    await promise;
    await route.continue().catch(() => undefined); // the page may have aborted it
  });
  return { release: resolve };
}

export async function opacityOf(locator: Locator): Promise<number> {
  return locator.evaluate((element) => {
    const page = globalThis as unknown as { getComputedStyle(of: unknown): { opacity: string } }; // the browser's
    return Number(page.getComputedStyle(element).opacity);
  });
}

/** The cumulative layout shift since the page began to load, as the browser measures it. */
export async function layoutShift(page: Page): Promise<number> {
  return page.evaluate(`new Promise((resolve) => {
    let sum = 0;
    new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => { sum += value; }))
      .observe({ type: 'layout-shift', buffered: true });
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve(sum))));
  })`);
}

interface Canvas {
  readonly width: number;
  readonly height: number;
  getContext(kind: '2d'): {
    getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray };
  };
}

/** How many pixels of a canvas have a colour; texts and grid are grey. */
export async function coloredPixels(locator: Locator): Promise<number> {
  return locator.evaluate((element) => {
    const canvas = element as unknown as Canvas; // the tests' types have no DOM
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) {
      const [r = 0, g = 0, b = 0, a = 0] = data.subarray(i, i + 4);
      if (a > 200 && Math.max(r, g, b) - Math.min(r, g, b) > 60) count++;
    }
    return count;
  });
}

/** Returns a function that returns the texts drawn on canvases, from the next load on. */
export async function canvasTexts(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(`
    const { fillText } = CanvasRenderingContext2D.prototype;
    globalThis.canvasTexts = new Set();
    CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
      globalThis.canvasTexts.add(text);
      fillText.call(this, text, ...rest);
    };
  `);
  return () => page.evaluate('[...globalThis.canvasTexts]');
}

/** The texts of a panel's card: headline, legend entries, and the table with its head as the first row. */
export async function readCard(card: Locator): Promise<{
  readonly headline: string;
  readonly legend: readonly string[];
  readonly table: readonly (readonly string[])[];
}> {
  await card.getByRole('img').waitFor();
  const parts = await card.locator('.panel-value > span').allTextContents();
  const headline = parts.join(' ').replace(/\s+/g, ' ').trim();
  const legend = await card.locator('.legend-name, .legend-value').allTextContents();
  await card.getByRole('button', { name: 'show as table' }).click();
  const lines = await card.getByRole('row').allInnerTexts();
  const table = lines.map((line) => line.split('\t').map((cell) => cell.trim()));
  return { headline, legend, table };
}

/** Fails if the files that the page has loaded exceed `limit` bytes as gzip, without responses of the API. */
export async function assertLight(page: Page, limit: number): Promise<void> {
  const loaded = (await page.evaluate(`
    performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)
  `)) as string[];
  const own = loaded.filter((path) => !path.startsWith('/api/') && !path.startsWith('/health'));
  const sizes = await Promise.all(
    [...new Set([page.url(), ...own])].map(async (path) => {
      const response = await page.request.get(new URL(path, page.url()).href, {
        headers: { 'accept-encoding': 'gzip' },
      });
      return [path, Number(response.headers()['content-length'])] as const;
    }),
  );
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  assert.ok(total > 10_000 && total <= limit, `${total} bytes: ${JSON.stringify(sizes)}`);
}

/** With SCREENSHOTS=1 the tests write pictures for the documentation to docs/images. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  const picture = await page.screenshot({ animations: 'disabled' });
  if (process.env.SCREENSHOTS) writeFileSync(join(REPOSITORY, 'docs/images', `${name}.png`), picture);
}
