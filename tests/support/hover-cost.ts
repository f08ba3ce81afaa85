import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { watchMainThread } from './main-thread-time.ts';

/** As browsers define it. */
const LONG_TASK_MS = 50;
const PLACES = 8;
/** When the second frame begins, the browser has drawn what the move changed. */
const DRAWN = 'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())))';

/**
 * Moves the pointer across a plot, twice, and fails if a move costs the page's main thread as much CPU time as a long task.
 * The cheaper of two moves to the same place counts: what comes by chance, such as a collection of garbage, is not
 * hovering's.
 */
export async function assertHoversFast(page: Page, over: Locator, where: string): Promise<void> {
  await over.scrollIntoViewIfNeeded();
  const box = (await over.boundingBox()) ?? assert.fail(`${where}: no plot`);
  const { busyMs, end } = await watchMainThread(page);
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
  await end();
  await page.locator('.tooltip').first().waitFor(); // the moves were over the plot
  const shown = costs.map((cost) => cost.toFixed(1)).join(', ');
  assert.ok(Math.max(...costs) < LONG_TASK_MS, `${where}: expected < ${LONG_TASK_MS} ms; got ${shown}`);
}
