import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { PANELS } from '../../src/infrastructure/telemetry/panels.ts';
import { assertAccessible, chartOf, openPage, startBrowser } from '../support/browser.ts';
import { type DrivenStack, startDrivenStack, untilPanelsHaveData } from '../support/driven-stack.ts';
import { pause } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';

describe('the dashboard while the TSDB hangs', () => {
  const scope = suiteScope();
  let browser: Browser;
  let stack: DrivenStack;

  before(async () => {
    [stack, browser] = await Promise.all([startDrivenStack(scope), startBrowser(scope)]);
    await untilPanelsHaveData(stack.url);
  });

  it('says so, both with the last data and without data, and recovers', async (t) => {
    const { page, faults } = await openPage(t, browser, `${stack.url}/?refresh=5s&range=15m`);
    const memory = page.getByRole('article', { name: 'Memory' });
    await memory.getByRole('list', { name: 'Series' }).waitFor();
    pause(t, stack.tsdb);
    const fresh = await openPage(t, browser, `${stack.url}/?refresh=off`);
    await memory.getByText('Stale since').waitFor({ timeout: 20_000 });
    await memory.getByRole('button', { name: 'Memory: enlarge' }).click();
    const dialog = page.getByRole('dialog', { name: 'Memory' });
    await dialog.getByRole('img', { name: 'Memory: chart' }).waitFor({ timeout: 5_000 }); // a request takes 10 s to fail
    assert.match(await dialog.innerText(), /Stale since [\d:]+\s+No response for 10 s\..*MiB/s);
    await assertAccessible(page, 'a stale enlarged panel');

    const late = fresh.page.getByRole('article').getByText('No response for 10 s.');
    await late.nth(PANELS.length - 1).waitFor();
    await fresh.page.getByText('Unknown: No response for 10 s.').waitFor();
    assert.equal(await fresh.page.locator('.skeleton').count(), 0);

    stack.tsdb.child.kill('SIGCONT');
    await dialog.getByText('Stale since').waitFor({ state: 'detached' });
    await late.first().waitFor({ state: 'detached' });
    await chartOf(fresh.page, 'Event-loop delay').waitFor();
    assert.deepEqual([...faults, ...fresh.faults], []);
  });
});
