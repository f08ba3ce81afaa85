import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { findProgram } from '../../src/local-stack/managed-process.ts';
import { REPOSITORY } from './processes.ts';
import type { Scope } from './scope.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
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
  /** What no page of ours may do: errors, refused content, requests to others. */
  readonly faults: string[];
}

export const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
} as const;

/** What every page is looked at in. */
export const LOOKS: readonly (readonly [name: string, options: BrowserContextOptions])[] = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['phone', PHONE],
];

/** A page in a context of its own, as a new visitor has it. */
export async function openPage(
  scope: Scope,
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  scope.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // A failed request is the page's to show; Chromium's own line about it is no fault.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
      faults.push(message.text());
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) faults.push(`asked ${request.url()}`);
  });
  await page.goto(url);
  return { page, faults };
}

/** Fails with what axe-core finds, by rule and place. */
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

/** Fails when the page is wider than the screen. */
export async function assertFits(page: Page): Promise<void> {
  const wider = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
  assert.ok(Number(wider) <= 0, `${wider} px wider than the screen`);
}

/** Fails when the files that the page has loaded are more than `limit` bytes as gzip; the API's answers do not count. */
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

/** For the documentation: SCREENSHOTS=1 has the tests write them to docs/images. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  const picture = await page.screenshot({ animations: 'disabled' });
  if (process.env.SCREENSHOTS) writeFileSync(join(REPOSITORY, 'docs/images', `${name}.png`), picture);
}
