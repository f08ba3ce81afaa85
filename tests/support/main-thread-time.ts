import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';

export interface MainThreadTime {
  /** Milliseconds of CPU time that the page's main thread has used, for scripts, styles, layout and drawing together. */
  readonly busyMs: () => Promise<number>;
  readonly end: () => Promise<void>;
}

/** It is CPU time, so other processes on a busy machine do not matter. */
export async function watchMainThread(page: Page): Promise<MainThreadTime> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busyMs = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    const { value } = metrics.find(({ name }) => name === 'TaskDuration') ?? assert.fail('no TaskDuration');
    return 1000 * value;
  };
  return { busyMs, end: () => session.detach() };
}
