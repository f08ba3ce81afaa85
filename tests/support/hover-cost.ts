import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';

/** As browsers define it. */
const LONG_TASK_MS = 50;
const PLACES = 8;
/** When the second frame begins, the browser has drawn what the move changed. */
const DRAWN = 'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())))';

/**
 * Moves the pointer across a plot, twice, and fails if a move costs the page's main thread as much as a long task: for
 * scripts, styles, layout and drawing together. It counts CPU time, so other processes on a busy machine do not matter. The
 * cheaper of two moves to the same place counts: what comes by chance, such as a collection of garbage, is not hovering's.
 */
export async function assertHoversFast(page: Page, over: Locator, where: string): Promise<void> {
  await over.scrollIntoViewIfNeeded();
  const box = (await over.boundingBox()) ?? assert.fail(`${where}: no plot`);
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busyMs = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    const { value } = metrics.find(({ name }) => name === 'TaskDuration') ?? assert.fail('no TaskDuration');
    return 1000 * value;
  };
  const moveTo = async (place: number) => {
    const before = await busyMs();
    await page.mouse.move(box.x + (box.width * (place + 1)) / (PLACES + 1), box.y + box.height / 2);
    await page.evaluate(DRAWN);
    return (await busyMs()) - before;
  };
  const costs = new Array<number>(PLACES).fill(Number.POSITIVE_INFINITY);
  for (let move = 0; move < 2 * PLACES; move++) {
    const place = move % PLACES;
    costs[place] = Math.min(costs[place] ?? 0, await moveTo(place));
  }
  await session.detach();
  await page.locator('.tooltip').first().waitFor(); // the moves were over the plot
  const shown = costs.map((cost) => cost.toFixed(1)).join(', ');
  assert.ok(Math.max(...costs) < LONG_TASK_MS, `${where}: expected < ${LONG_TASK_MS} ms; got ${shown}`);
}
