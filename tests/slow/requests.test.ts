import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openPage, startBrowser } from '../support/browser.ts';
import { type DrivenStack, startDrivenStack } from '../support/driven-stack.ts';
import { post, runTask } from '../support/http.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const MOST_A_MINUTE = 20;

/** What the pages of a fresh system show first. */
const PAGES: readonly (readonly [name: string, path: string])[] = [
  ['overview', '/'],
  ['enlarged panel', '/?panel=events_rate'],
  ['what happened', '/why'],
  ['tasks', '/tasks'],
  ['dead tasks', '/tasks?status=dead'],
  ['task that runs', '/tasks/{running}'],
  ['task that ended', '/tasks/{dead}?status=dead'],
  ['schedules', '/schedules'],
  ['workers', '/workers'],
  ['explore', '/explore?q=up'],
];

/** Follows the requests of a page to the API. A stream of events stays open: it counts once. */
function followRequests(page: Page) {
  const sent: string[] = [];
  const running = new Set<unknown>();
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url());
    if (!/^\/(api|health)\//.test(pathname)) return;
    sent.push(pathname + search.slice(0, 60));
    if (pathname !== '/api/events') running.add(request);
  });
  const ended = (request: unknown) => void running.delete(request);
  page.on('requestfinished', ended).on('requestfailed', ended);
  const answered = () => until('all requests have an answer', () => running.size === 0);
  return { sent, answered };
}

describe('an open tab while tasks flow', () => {
  const scope = suiteScope();
  let stack: DrivenStack;
  let browser: Browser;
  /** Ids for the paths. */
  let ids: Readonly<Record<string, string>>;

  before(async () => {
    [stack, browser] = await Promise.all([startDrivenStack(scope), startBrowser(scope)]);
    const failing = { event_type: 'fail', max_attempts: 1 };
    const dead = await runTask(stack.url, failing, ['dead']);
    const slow = { event_type: 'slow', payload: { ms: 600_000 } };
    const running = await runTask(stack.url, slow, ['active']);
    ids = { dead: dead.id, running: running.id };
  });

  for (const [name, path] of PAGES) {
    it(`sends at most ${MOST_A_MINUTE} requests a minute: ${name}`, async (t) => {
      const { page } = await openPage(t, browser, 'about:blank');
      await page.clock.install();
      const { sent, answered } = followRequests(page);
      await page.goto(`${stack.url}${path.replace(/\{(\w+)\}/, (_, name) => ids[name] ?? '')}`);
      await page.locator('main h1, main h2').first().waitFor();
      for (let second = 0; second < 5; second++) {
        await page.clock.runFor(1_000);
        await answered();
      }
      const before = sent.length;
      for (let second = 0; second < 60; second++) {
        if (second % 2 === 0) await post(`${stack.url}/api/tasks`, { event_type: 'fail', max_attempts: 1 });
        await page.clock.runFor(1_000);
        await answered();
      }
      const inAMinute = sent.slice(before);
      assert.ok(inAMinute.length >= 2, 'it refreshes');
      assert.ok(inAMinute.length <= MOST_A_MINUTE, `${inAMinute.length}: ${inAMinute.sort().join('\n')}`);
    });
  }
});
