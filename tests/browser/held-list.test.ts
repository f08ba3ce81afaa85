import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { assertAccessible, assertFits, LOOKS, openPage, startBrowser } from '../support/browser.ts';
import { post, runTask } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';

describe('a list that is held still', () => {
  const scope = suiteScope();
  let browser: Browser;
  let orchestrator: RunningServer;

  before(async () => {
    const [started, redis] = await Promise.all([startBrowser(scope), startRedis(scope)]);
    browser = started;
    const env = { REDIS_URL: redis.url, VICTORIAMETRICS_URL: 'http://127.0.0.1:9' };
    [orchestrator] = await Promise.all([startOrchestrator(scope, env), startWorkers(scope, env)]);
    await runTask(orchestrator.url, { event_type: 'slow', payload: { ms: 600_000 } }, ['active']);
  });

  for (const [look, options] of LOOKS) {
    for (const hasStream of [true, false]) {
      const said = hasStream ? 'dead' : 'unknown';
      it(`says "${said}" of a task that has left it, stream ${hasStream ? 'open' : 'refused'}: ${look}`, async (t) => {
        const slow = { event_type: 'slow', payload: { ms: 600_000 } };
        const { id } = await runTask(orchestrator.url, slow, ['active']);
        const { page, faults } = await openPage(t, browser, `${orchestrator.url}/workers`, options);
        if (!hasStream)
          await page.route('**/api/events', (route) => route.fulfill({ status: 503, body: '{}' }));
        await page.goto(`${orchestrator.url}/tasks?status=active&refresh=5s`);
        await page.getByText(hasStream ? /^Live, updated/ : /^Updated/).waitFor();
        const row = page.getByRole('row').filter({ hasText: id.slice(0, 8) });
        await row.getByText('active', { exact: true }).waitFor();
        await row.getByRole('link').focus();
        await post(`${orchestrator.url}/api/tasks/${id}/cancel`, '');
        await row.getByText(said, { exact: true }).waitFor();
        await row.getByText('has left this list').waitFor();
        assert.doesNotMatch(await row.innerText(), /\d s\b|active/i);
        await assertAccessible(page, look);
        await assertFits(page);
        await page.getByRole('textbox').first().focus();
        await row.waitFor({ state: 'detached' });
        assert.deepEqual(faults, []);
      });
    }
  }
});
