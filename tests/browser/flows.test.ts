import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { assertAccessible, openPage, startBrowser } from '../support/browser.ts';
import { post, taskIn } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

describe('the flow of a task, in its dialog', () => {
  const scope = suiteScope();
  let browser: Browser;
  let orchestrator: RunningServer;
  let id: string;

  before(async () => {
    const [started, redis] = await Promise.all([startBrowser(scope), startRedis(scope)]);
    browser = started;
    const env = { REDIS_URL: redis.url, VICTORIAMETRICS_URL: 'http://127.0.0.1:9' };
    [orchestrator] = await Promise.all([startOrchestrator(scope, env), startWorkers(scope, env)]);
    const flow = {
      event_type: 'echo',
      children: [{ event_type: 'fail', max_attempts: 1 }, { event_type: 'echo' }],
      next: [{ event_type: 'echo', payload: 'after' }],
    };
    ({ id } = (await post(`${orchestrator.url}/api/tasks`, flow)).body);
    await taskIn(orchestrator.url, id, ['dead']);
  });

  const part = (page: Page, title: string) => page.getByRole('region', { name: title, exact: true });

  it('leads from a parent to its children and back, by the keyboard too, and to the next task', async (t) => {
    const { page, faults } = await openPage(t, browser, `${orchestrator.url}/tasks/${id}`);
    await page.getByRole('dialog', { name: /^Task / }).waitFor();
    const children = part(page, 'Children').getByRole('listitem');
    await until('both children are shown with their ends', async () => {
      const texts = await children.allInnerTexts();
      const shown = texts.map((text) => text.split(/\s+/).slice(0, 2).join(' ')).sort();
      return shown.join() === 'echo completed,fail dead';
    });
    await assertAccessible(page, 'a flow');
    await children.getByRole('link', { name: 'fail' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => !url.pathname.endsWith(id));
    await part(page, 'Parent').getByRole('link', { name: 'echo' }).click();
    await page.waitForURL((url) => url.pathname === `/tasks/${id}`);
    await part(page, 'Next').getByRole('link', { name: 'echo' }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(id));
    await page.getByRole('dialog').getByText('child', { exact: false }).first().waitFor(); // it died with its child
    assert.deepEqual(faults, []);
  });

  it('keeps the filters of the list behind it on the way', async (t) => {
    const { page, faults } = await openPage(
      t,
      browser,
      `${orchestrator.url}/tasks/${id}?status=dead&type=fail`,
    );
    const children = part(page, 'Children').getByRole('listitem');
    await children.getByRole('link', { name: 'fail' }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(id) && url.searchParams.get('type') === 'fail');
    await part(page, 'Parent').getByRole('link', { name: 'echo' }).click();
    await page.waitForURL((url) => url.pathname === `/tasks/${id}`);
    await children.getByRole('link', { name: 'fail' }).waitFor();
    await page.keyboard.press('Escape');
    await page.waitForURL((url) => url.pathname === '/tasks' && url.searchParams.get('status') === 'dead');
    const rows = page.getByRole('table').getByRole('row');
    await until('the head and the dead child are there', async () => (await rows.count()) === 2);
    assert.deepEqual(faults, []);
  });

  it('leads to the list of the children, and from there back', async (t) => {
    const { page, faults } = await openPage(t, browser, `${orchestrator.url}/tasks/${id}?status=dead`);
    await part(page, 'Children').getByRole('link', { name: 'Show in the list' }).click();
    await page.waitForURL((url) => url.pathname === '/tasks' && url.searchParams.get('parent') === id);
    const rows = page.getByRole('table').getByRole('row');
    await until('the children alone are listed', async () => (await rows.count()) === 3);
    await assertAccessible(page, 'the list of children');
    await page
      .getByRole('search')
      .getByRole('link', { name: id.slice(0, 8) })
      .click();
    await page.waitForURL((url) => url.pathname === `/tasks/${id}` && url.searchParams.get('parent') === id);
    await part(page, 'Children').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Show other tasks too' }).click();
    await until('all tasks are listed', async () => (await rows.count()) > 3);
    assert.deepEqual(faults, []);
  });

  it('says which related task was removed', async (t) => {
    const flow = { event_type: 'echo', delay_ms: 0, children: [{ event_type: 'echo' }] };
    const { body } = await post(`${orchestrator.url}/api/tasks`, flow);
    const { children } = await taskIn(orchestrator.url, body.id, ['completed']);
    const removal = await fetch(`${orchestrator.url}/api/tasks/${children[0].id}`, { method: 'DELETE' });
    assert.equal(removal.status, 204);
    const { page } = await openPage(t, browser, `${orchestrator.url}/tasks/${body.id}?width=390`, {
      viewport: { width: 390, height: 844 },
    });
    await part(page, 'Children').getByText('removed').waitFor();
    assert.equal(await part(page, 'Children').getByRole('listitem').getByRole('link').count(), 0);
  });
});
