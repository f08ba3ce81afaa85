import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { PANELS } from '../../src/orchestrator/panels.ts';
import { assertAccessible, chartOf, openPage, startBrowser } from '../support/browser.ts';
import { startDrivenStack, untilPanelsHaveData } from '../support/driven-stack.ts';
import { suiteScope } from '../support/scope.ts';

describe('the overview in trouble', () => {
  const scope = suiteScope();
  let browser: Browser;

  before(async () => {
    browser = await startBrowser(scope);
  });

  it('keeps the last data as stale with the reason when the TSDB dies, and never shows zeros', async (t) => {
    const stack = await startDrivenStack(t);
    await untilPanelsHaveData(stack.url);
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
      .getByText('Could not be loaded')
      .nth(PANELS.length - 1)
      .waitFor();
    for (const text of await fresh.page.getByRole('article').allInnerTexts()) {
      assert.match(text, /The TSDB cannot be reached\./);
      assert.doesNotMatch(text, /\b0\b/);
    }
    await assertAccessible(fresh.page, 'panels that could not be loaded');
    assert.deepEqual([...faults, ...fresh.faults], []);
  });

  it('asks for the API token, once, and keeps it for the session alone', async (t) => {
    const stack = await startDrivenStack(t, { API_TOKEN: 'open-sesame' });
    const { page } = await openPage(t, browser, `${stack.url}/`);
    const dialog = page.getByRole('dialog', { name: 'This API needs a token' });
    await dialog.getByLabel('Token').fill('wrong');
    await assertAccessible(page, 'the token dialog');
    await page.keyboard.press('Enter');
    await dialog.getByText('That token was refused.').waitFor();
    await dialog.getByLabel('Token').fill('open-sesame');
    await page.keyboard.press('Enter');
    await chartOf(page, 'Memory').waitFor();
    assert.equal(await dialog.count(), 0);
    const kept = (await page.evaluate(
      '[JSON.stringify(localStorage), document.cookie, location.href]',
    )) as string[];
    assert.ok(kept.every((text) => !text.includes('sesame')));
    await page.reload();
    await chartOf(page, 'Memory').waitFor();
  });
});
