import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { PANELS } from '../../src/infrastructure/telemetry/panels.ts';
import { assertAccessible, holdPanels, opacityOf, openPage, startBrowser } from '../support/browser.ts';
import { type DrivenStack, startDrivenStack, untilPanelsHaveData } from '../support/driven-stack.ts';
import { pause } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

describe('the dashboard in trouble', () => {
  const scope = suiteScope();
  let browser: Browser;
  /** Each test leaves it intact, except for the last one, which kills its TSDB. */
  let stack: DrivenStack;

  before(async () => {
    [stack, browser] = await Promise.all([startDrivenStack(scope), startBrowser(scope)]);
    await untilPanelsHaveData(stack.url);
  });

  it('names what is down in its first line, until that is back', async (t) => {
    const { page } = await openPage(t, browser, `${stack.url}/?refresh=5s`);
    const headline = page.getByRole('heading', { level: 1 });
    await until('the state is known', async () => /attempts fail|normal/.test(await headline.innerText()));
    for (const server of [stack.workers, stack.redis]) pause(t, server);
    await until('both are named', async () => {
      const text = await headline.innerText();
      return text.includes('Redis is down') && /service asdlc-workers is down/i.test(text);
    });
    assert.match(await page.title(), /^⚠ /);
    for (const server of [stack.workers, stack.redis]) server.child.kill('SIGCONT');
    await until('neither is named', async () => !/Redis|workers|Loading/.test(await headline.innerText()));
  });

  it('dims a panel while another range loads, and moves nothing', async (t) => {
    const { page } = await openPage(t, browser, `${stack.url}/?range=15m&refresh=off`);
    const memory = page.getByRole('article', { name: 'Memory' });
    await memory.getByRole('list', { name: 'Series' }).waitFor();
    const panels = await holdPanels(page);
    const before = await memory.boundingBox();
    await page.getByRole('button', { name: '6h', exact: true }).click();
    await memory.getByText('Loading…').waitFor();
    assert.equal(await memory.getAttribute('aria-busy'), 'true');
    await until('it is dimmed', async () => (await opacityOf(memory.locator('.plot'))) < 0.5);
    assert.deepEqual(await memory.boundingBox(), before);
    await assertAccessible(page, 'panels with data of the old range');
    panels.release();
    await page
      .locator('article[aria-busy="false"]')
      .nth(PANELS.length - 1)
      .waitFor();
    assert.equal(await memory.getByText('Loading…').count(), 0);
    assert.equal(await opacityOf(memory.locator('.plot')), 1);
  });

  it('keeps the last data, stale and with the reason, when the TSDB dies, and shows no zeros', async (t) => {
    const { page, faults } = await openPage(t, browser, `${stack.url}/?refresh=5s&range=15m`);
    const memory = page.getByRole('article', { name: 'Memory' });
    await memory.getByRole('list', { name: 'Series' }).waitFor();
    await stack.tsdb.stop('SIGKILL');
    await memory.getByText('Stale since').waitFor();
    await memory.getByText('The TSDB cannot be reached.').waitFor();
    assert.match(await memory.getByRole('list', { name: 'Series' }).innerText(), /asdlc-workers.*MiB/s);
    await page.getByRole('heading', { name: 'The TSDB is down' }).waitFor();
    await assertAccessible(page, 'stale panels');

    const fresh = await openPage(t, browser, `${stack.url}/?refresh=off`);
    await fresh.page
      .getByText('Could not load the panel')
      .nth(PANELS.length - 1)
      .waitFor();
    for (const text of await fresh.page.getByRole('article').allInnerTexts()) {
      assert.match(text, /The TSDB cannot be reached\./);
      assert.doesNotMatch(text, /\b0\b/);
    }
    await assertAccessible(fresh.page, 'panels that could not be loaded');
    assert.deepEqual([...faults, ...fresh.faults], []);
  });
});
