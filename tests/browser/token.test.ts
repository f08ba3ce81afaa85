import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { assertAccessible, chartOf, openPage, startBrowser } from '../support/browser.ts';
import { startDrivenStack } from '../support/driven-stack.ts';
import { type RunningServer, startOrchestrator, startRedis } from '../support/processes.ts';
import { type Scope, suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

/** Without workers, TSDB or tasks. */
async function startLockedOrchestrator(scope: Scope) {
  const redis = await startRedis(scope);
  return startOrchestrator(scope, {
    REDIS_URL: redis.url,
    VICTORIAMETRICS_URL: 'http://127.0.0.1:9',
    API_TOKEN: 'open-sesame',
  });
}

describe('the dashboard of an API that needs a token', () => {
  const scope = suiteScope();
  let browser: Browser;
  let locked: RunningServer;

  before(async () => {
    [browser, locked] = await Promise.all([startBrowser(scope), startLockedOrchestrator(scope)]);
  });

  it('asks again for a token that was declined, refused or malformed, on every page', async (t) => {
    const { url } = locked;
    for (const path of ['/', '/tasks', '/explore?q=up']) {
      const { page } = await openPage(t, browser, `${url}${path}`);
      const dialog = page.getByRole('dialog', { name: 'This API needs a token' });
      const decline = () => dialog.getByRole('button', { name: 'Not now' }).click();
      await decline();
      const back = page.getByRole('button', { name: 'Enter the API token' });
      await back.waitFor();
      if (path === '/tasks') await assertAccessible(page, 'no token');
      await page.locator('main').focus();
      await page.keyboard.press('r');
      await decline();
      await page.getByRole('button', { name: 'Try again' }).first().click();
      await decline();
      await back.click();
      await dialog.getByLabel('Token').fill('open‑sesame');
      await page.keyboard.press('Enter');
      await dialog.getByText('got “‑” (U+2011)').waitFor();
      await dialog.getByLabel('Token').fill('wrong');
      await page.keyboard.press('Enter');
      await dialog.getByText('The API refused that token.').waitFor();
      assert.equal(
        await page.evaluate('sessionStorage.length'),
        0,
        'a token that the API did not accept is not kept',
      );
      await dialog.getByLabel('Token').fill('open-sesame');
      await page.keyboard.press('Enter');
      await until('the token is kept', async () => (await page.evaluate('sessionStorage.length')) === 1);
      await dialog.waitFor({ state: 'detached' });
    }
  });

  it('never shows an unknown number as none', async (t) => {
    const { url } = locked;
    const { page } = await openPage(t, browser, `${url}/tasks`);
    await page.getByRole('button', { name: 'Not now' }).click();
    const queue = page.getByRole('region', { name: 'Queue' });
    assert.match(
      await queue.innerText(),
      /^Waiting\s+–\s+Active\s+–\s+Delayed\s+–\s+Dead\s+–\s+Workers\s+–$/,
    );
    await page.evaluate(`sessionStorage.setItem('asdlc.api-token', 'open-sesame')`);
    await page.reload();
    await queue.getByText('none waits').waitFor();
    await queue.getByText('None live').waitFor();
    await page.getByText('No tasks yet').waitFor();
    await page.getByText(`curl '${url}/api/tasks'`).waitFor();
    await assertAccessible(page, 'an empty system');
  });

  it('asks for the API token once, and keeps it for the session only', async (t) => {
    const guarded = await startDrivenStack(t, { API_TOKEN: 'open-sesame' });
    const { page } = await openPage(t, browser, `${guarded.url}/`);
    const dialog = page.getByRole('dialog', { name: 'This API needs a token' });
    await dialog.getByLabel('Token').fill('wrong');
    await assertAccessible(page, 'the token dialog');
    await page.keyboard.press('Enter');
    await dialog.getByText('The API refused that token.').waitFor();
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
