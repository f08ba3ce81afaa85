import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { assertAccessible, assertFits, openPage, startBrowser } from '../support/browser.ts';
import { post } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, temporaryFolder } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { type Scope, suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const SCOPES = {
  grafana: ['metrics:read'],
  ci: ['tasks:read', 'tasks:write'],
  reader: ['tasks:read'],
  operator: ['metrics:read', 'tasks:read', 'tasks:write', 'queue:admin'],
};
type Name = keyof typeof SCOPES;

/** Each token's text is its name. */
const tokenFile = (scopes: Readonly<Record<string, readonly string[]>> = SCOPES) =>
  `tokens:\n${Object.entries(scopes)
    .map(([name, allowed]) => {
      const sha256 = createHash('sha256').update(name).digest('hex');
      return `  - { name: ${name}, sha256: ${sha256}, scopes: [${allowed.join(', ')}] }\n`;
    })
    .join('')}`;

/** Without a TSDB. One worker has announced itself, and takes nothing: one task waits. */
async function startGuarded(scope: Scope): Promise<{ guarded: RunningServer; file: string }> {
  const [redis, folder] = [await startRedis(scope), await temporaryFolder(scope)];
  const admin = adminOf(scope, redis.url);
  await admin.zadd('{asdlc}:workers', Date.now() + 3_600_000, 'one');
  const file = join(folder, 'tokens.yaml');
  await writeFile(file, tokenFile());
  const guarded = await startOrchestrator(scope, {
    REDIS_URL: redis.url,
    VICTORIAMETRICS_URL: 'http://127.0.0.1:9',
    API_TOKENS_FILE: file,
  });
  await post(`${guarded.url}/api/tasks`, { event_type: 'echo' }, { authorization: 'Bearer operator' });
  return { guarded, file };
}

describe('the dashboard of a token that may not do everything', () => {
  const scope = suiteScope();
  let browser: Browser;
  let guarded: RunningServer;
  let file: string;

  before(async () => {
    [browser, { guarded, file }] = await Promise.all([startBrowser(scope), startGuarded(scope)]);
  });

  /** Opens a page whose tab has the token already, and notes what it asks the API for. */
  async function openAs(t: Scope, name: Name, path: string) {
    const { page, faults } = await openPage(t, browser, `${guarded.url}/favicon.svg`);
    await page.evaluate(`sessionStorage.setItem('asdlc.api-token', '${name}')`);
    const asked: string[] = [];
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (pathname.startsWith('/api/')) asked.push(`${pathname} ${response.status()}`);
    });
    await page.goto(`${guarded.url}${path}`);
    return { page, faults, asked };
  }
  const missing = (page: Page, wanted: string) => page.getByText(`This needs the scope ${wanted}`);
  const submit = (page: Page) => page.getByRole('button', { name: 'Submit a task' });
  const pause = (page: Page) => page.getByRole('button', { name: 'Pause the queue' });

  it('names the missing scope on the tasks page, and asks for no task', async (t) => {
    for (const path of ['/tasks', '/tasks/some-id']) {
      const { page, faults, asked } = await openAs(t, 'grafana', path);
      await missing(page, 'tasks:read').waitFor();
      assert.equal(await submit(page).count(), 0);
      assert.equal(await pause(page).count(), 0);
      await page.locator('main').focus();
      await page.keyboard.press('r');
      await until(
        'the refresh has asked',
        async () => asked.filter((line) => /access/.test(line)).length === 2,
      );
      assert.deepEqual(
        asked.filter((line) => /tasks|queue|40[13]/.test(line)),
        [],
      );
      assert.equal(await page.getByRole('dialog').count(), 0);
      await assertAccessible(page, path);
      assert.deepEqual(faults, []);
    }
  });

  it('names the missing scope on the overview and on explore, and asks for no metrics', async (t) => {
    for (const path of ['/', '/?panel=cpu', '/explore?q=up']) {
      const { page, faults, asked } = await openAs(t, 'ci', path);
      await missing(page, 'metrics:read').first().waitFor();
      assert.deepEqual(
        asked.filter((line) => /metrics|40[13]/.test(line)),
        [],
      );
      assert.equal(asked.filter((line) => /access/.test(line)).length, 1);
      assert.equal(await page.getByRole('dialog').count(), 0);
      await assertAccessible(page, path);
      await assertFits(page);
      assert.deepEqual(faults, []);
    }
  });

  it('shows the backlog on the overview, and does not call what it cannot see normal', async (t) => {
    const { page } = await openAs(t, 'ci', '/');
    await page.getByText('1 waiting').waitFor();
    await page.getByRole('heading', { name: 'Normal, as far as this token may see' }).waitFor();
  });

  it('writes the timeline from what the token may see, and says what it may not', async (t) => {
    const { page, faults } = await openAs(t, 'grafana', '/why');
    const missing = page.getByRole('region', { name: 'Not known' });
    for (const source of ['The workers', 'The errors of dead tasks', 'The queue as it is now']) {
      await missing.getByText(new RegExp(`^${source}.*: This needs the scope tasks:read\\.$`)).waitFor();
    }
    assert.deepEqual(faults, []);
    const ci = await openAs(t, 'ci', '/why');
    await ci.page.getByText(/^The TSDB: .*: This needs the scope metrics:read\.$/).waitFor();
  });

  it('shows only the actions that the token may do', async (t) => {
    for (const [name, maySubmit, mayPause] of [
      ['reader', 0, 0],
      ['ci', 1, 0],
      ['operator', 1, 1],
    ] as const) {
      const { page } = await openAs(t, name, '/tasks');
      await page.getByRole('link', { name: 'echo' }).or(page.getByText('echo')).first().waitFor();
      await page.getByText('1 live').waitFor();
      assert.equal(await submit(page).count(), maySubmit, name);
      assert.equal(await pause(page).count(), mayPause, name);
      await page.locator('.task-table a').first().click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText('Event type').waitFor();
      assert.equal(await dialog.getByRole('button', { name: 'Cancel' }).count(), maySubmit, name);
    }
  });

  it('never shows what it hides later', async (t) => {
    const { page } = await openAs(t, 'reader', '/favicon.svg');
    await page.route('**/api/access', async (route) => {
      await until('the page has loaded', async () =>
        page.evaluate(
          `performance.getEntriesByType('resource').some(({ name }) => name.includes('tasks-page'))`,
        ),
      );
      await route.continue();
    });
    await page.addInitScript(`
      new MutationObserver(() => {
        if (/Submit a task|Pause the queue/.test(document.body?.textContent ?? '')) globalThis.hasShown = true;
      }).observe(document, { childList: true, subtree: true });
    `);
    await page.goto(`${guarded.url}/tasks`);
    await page.getByText('1 live').waitFor();
    assert.equal(await page.evaluate('globalThis.hasShown'), undefined);
  });

  it('follows the token file: a scope that is taken away, and one that is given', async (t) => {
    const { page, asked } = await openAs(t, 'ci', '/tasks');
    await submit(page).waitFor();
    t.after(() => writeFile(file, tokenFile()));
    await writeFile(file, tokenFile({ ...SCOPES, ci: ['metrics:read'] }));
    await missing(page, 'tasks:read').waitFor();
    assert.ok(asked.filter((line) => / 403$/.test(line)).length <= 4, asked.join('\n'));
    assert.equal(await page.getByRole('dialog').count(), 0);
    await writeFile(file, tokenFile());
    await until('the scope is back', async () => {
      await page.getByRole('button', { name: 'Refresh now' }).click();
      return (await submit(page).count()) === 1;
    });
  });

  it('takes another token instead', async (t) => {
    const { page } = await openAs(t, 'grafana', '/tasks');
    await page.getByRole('button', { name: 'Use another token' }).click();
    const dialog = page.getByRole('dialog', { name: 'This API needs a token' });
    await dialog.getByLabel('Token').fill('operator');
    await page.keyboard.press('Enter');
    await pause(page).waitFor();
    assert.equal(await missing(page, 'tasks:read').count(), 0);
  });
});
