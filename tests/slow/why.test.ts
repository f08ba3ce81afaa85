import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { assertAccessible, assertFits, LOOKS, openPage, startBrowser } from '../support/browser.ts';
import { addDeadTasks } from '../support/dead-tasks.ts';
import { type DrivenStack, startDrivenStack } from '../support/driven-stack.ts';
import { post, taskIn } from '../support/http.ts';
import { adminOf } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

describe('the timeline of what happened', () => {
  const scope = suiteScope();
  let browser: Browser;
  let stack: DrivenStack;

  before(async () => {
    [stack, browser] = await Promise.all([startDrivenStack(scope), startBrowser(scope)]);
    await until('tasks are dead', async () => {
      const { groups } = (await (await fetch(`${stack.url}/api/errors`)).json()) as { groups: unknown[] };
      return groups.length > 0;
    });
  });

  it('is one click from the first line of the overview, and leads to charts, tasks and what to do', async (t) => {
    const { page, faults } = await openPage(t, browser, `${stack.url}/?tz=utc&refresh=5s`, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.getByRole('link', { name: /^(Why\?|What happened)$/ }).click();
    await page.waitForURL(/\/why\?refresh=5s&tz=utc/);
    const line = page.getByRole('listitem').filter({ hasText: /[\d,]+ tasks of fail died: as asked/ });
    await line.waitFor();
    await page.getByText(/Worker .+ joined with version 0\.1\.0/).waitFor();
    await page.getByText(/^asdlc-orchestrator at .+ started$/).waitFor({ timeout: 45_000 });
    const href = async (name: string) =>
      new URL((await line.getByRole('link', { name }).getAttribute('href')) ?? '', stack.url);
    const chart = await href('Chart');
    assert.deepEqual([chart.pathname, chart.searchParams.get('panel')], ['/', 'tasks_given_up']);
    assert.match(chart.search, /from=\d+&to=\d+/);
    assert.match((await href('Tasks')).search, /^\?status=dead&type=fail&group=as\+asked/);

    await page.getByRole('button', { name: 'Copy as incident report' }).click();
    const report = await until('the report is copied', async () => {
      const text = (await page.evaluate('navigator.clipboard.readText()')) as string;
      return text.startsWith('# Incident report: ') && text;
    });
    assert.match(report, /\(UTC\)\n\nSource: http.+\/why\?from=\d+&to=\d+&refresh=5s&tz=utc\n/);
    assert.match(
      report,
      /\n- (since )?\d\d:\d\d:\d\d( – \d\d:\d\d:\d\d)? [\d,]+ tasks of fail died: as asked\n/,
    );

    await line.getByRole('link', { name: 'Retry them' }).click();
    const dialog = page.getByRole('dialog', { name: /Retry/ });
    await dialog.getByRole('button', { name: 'Keep as they are' }).click();
    await page.waitForURL((url) => !url.searchParams.has('act') && url.searchParams.get('type') === 'fail');
    assert.deepEqual(faults, []);
  });

  it('says what somebody changed, and what holds now', async (t) => {
    await post(`${stack.url}/api/queue/pause`, {});
    t.after(() => post(`${stack.url}/api/queue/resume`, {}));
    const { page } = await openPage(t, browser, `${stack.url}/why?refresh=5s`);
    const now = page.getByRole('region', { name: 'Now' });
    await now.getByText('The queue is paused').waitFor();
    const who = page.getByText('Somebody paused the queue; the audit lines of the log say who');
    await who.waitFor({ timeout: 45_000 }); // the last point of the series may be a step old
    await post(`${stack.url}/api/queue/resume`, {});
    await now.getByText('The queue is paused').waitFor({ state: 'detached', timeout: 45_000 });
  });

  it('keeps the error and the count of a group whose tasks were retried', async (t) => {
    await post(`${stack.url}/api/queue/pause`, {}); // else a worker takes some before they are dead
    const task = { event_type: 'lonely', error: 'refused' };
    const ids = await addDeadTasks(stack.url, adminOf(t, stack.redis.url), [task, task]);
    await post(`${stack.url}/api/queue/resume`, {});
    const { page, faults } = await openPage(t, browser, `${stack.url}/why?refresh=5s`);
    const said = '2 tasks of lonely died: refused';
    const line = page.getByRole('listitem').filter({ hasText: said });
    await line.getByRole('link', { name: 'Retry them' }).click();
    const dialog = page.getByRole('dialog', { name: 'Retry all matching tasks?' });
    await dialog.getByRole('button', { name: 'Retry 2 tasks' }).click();
    await dialog.getByText('2 of 2 queued again.').waitFor();
    for (const id of ids) await taskIn(stack.url, id, ['queued', 'delayed']);
    await page.getByRole('button', { name: 'Close', exact: true }).last().click();
    await page.getByRole('link', { name: 'Overview', exact: true }).first().click();
    await page.getByRole('link', { name: /^(Why\?|What happened)$/ }).click();
    await page.getByText(`${said} (not dead any more)`).waitFor({ timeout: 60_000 }); // errors come at every second refresh
    await assertAccessible(page, 'a group that was retried');
    assert.deepEqual(faults, []);
  });

  for (const [look, options] of [...LOOKS, ['zoomed', { viewport: { width: 320, height: 256 } }]] as const) {
    it(`fits the screen, with no errors and no axe-core findings (${look})`, async (t) => {
      const { page, faults } = await openPage(t, browser, `${stack.url}/why?refresh=off`, options);
      await page.getByText(/tasks of fail died/).waitFor();
      await assertAccessible(page, look);
      await assertFits(page);
      assert.deepEqual(faults, []);
    });
  }

  it('works without the TSDB, from what is known in Redis, and says what is missing', async (t) => {
    await stack.tsdb.stop('SIGKILL');
    const { page, faults } = await openPage(t, browser, `${stack.url}/why?refresh=off`);
    await page.getByText(/tasks of fail died/).waitFor();
    const missing = page.getByRole('region', { name: 'Not known' });
    await missing.getByText(/^The TSDB: .+: The TSDB cannot be reached\.$/).waitFor();
    assert.equal(await page.getByText('started').count(), 0);
    await assertAccessible(page, 'without the TSDB');
    assert.deepEqual(faults, []);
  });
});
