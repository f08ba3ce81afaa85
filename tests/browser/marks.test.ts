import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { assertAccessible, assertFits, chartOf, openPage, startBrowser } from '../support/browser.ts';
import { type DrivenStack, startDrivenStack } from '../support/driven-stack.ts';
import { post, request } from '../support/http.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

describe('marks on the charts', () => {
  const scope = suiteScope();
  let stack: DrivenStack;
  let browser: Browser;

  before(async () => {
    [stack, browser] = await Promise.all([startDrivenStack(scope), startBrowser(scope)]);
    await post(`${stack.url}/api/queue/pause`, {});
    const paused = `${stack.tsdb.url}/api/v1/query?query=max(asdlc_queue_paused)==1`;
    await until('the pause is scraped', async () => (await request(paused)).body.data.result.length === 1);
    // a step of the page later, so that the window has a point before and one in the pause
    await until(
      'a step has passed',
      async () => {
        const query = 'min_over_time(asdlc_queue_paused[16s]) == 1';
        const { body } = await request(`${stack.tsdb.url}/api/v1/query?query=${encodeURIComponent(query)}`);
        return body.data.result.length === 2;
      },
      40_000,
    );
  });

  it('say when processes started and the queue was paused, in the list and in the charts', async (t) => {
    const { page, faults } = await openPage(t, browser, `${stack.url}/?range=15m&refresh=5s`);
    const list = page.getByRole('region', { name: 'Marks' });
    await list.getByText(`asdlc-workers 127.0.0.1:${stack.workers.port} started`).waitFor();
    await list.getByText(`asdlc-orchestrator 127.0.0.1:${stack.orchestrator.port} started`).waitFor();
    await chartOf(page, 'Oldest waiting task').waitFor();
    await assertAccessible(page, 'marks');
    await assertFits(page);
    assert.deepEqual(faults, []);
  });

  it('are in the tooltip of their time', async (t) => {
    const { page } = await openPage(t, browser, `${stack.url}/?range=5m&refresh=off`);
    await page.getByRole('region', { name: 'Marks' }).waitFor();
    const chart = page.getByRole('article', { name: 'Memory' });
    const over = chart.locator('.u-over');
    await over.waitFor();
    const sweep = async () => {
      const box = (await over.boundingBox()) ?? assert.fail(); // panels above may still be filled
      // The newest are at the right, and so are the starts.
      for (let x = box.width - 2; x > 0; x -= 3) {
        await over.hover({ position: { x, y: 30 } });
        if (/started/.test((await chart.locator('.tooltip').textContent()) ?? '')) return true;
      }
      return false;
    };
    await until('a mark is under the pointer', sweep, 60_000);
  });
});
