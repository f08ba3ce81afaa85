import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Page } from 'playwright-core';
import { assertFits, openPage, startBrowser } from '../support/browser.ts';
import { addHostileTask, HOSTILE, suspectsIn } from '../support/hostile-task.ts';
import { startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { until } from '../support/until.ts';

it('no text of a task or of a worker is shown so that it can look like another', async (t) => {
  const [browser, redis] = await Promise.all([startBrowser(t), startRedis(t)]);
  const admin = adminOf(t, redis.url);
  const env = { REDIS_URL: redis.url, VICTORIAMETRICS_URL: 'http://127.0.0.1:9' };
  const [{ url }] = await Promise.all([startOrchestrator(t, env), startWorkers(t, env)]);
  const id = await addHostileTask(url, admin);
  const { page, faults } = await openPage(t, browser, `${url}/tasks?status=dead&refresh=off`);

  const group = page.getByRole('region', { name: 'Errors' }).getByRole('listitem');
  await group.getByText('\\u202egnp').first().waitFor();
  await page.getByRole('table').getByText('\\u202egnp').first().waitFor();
  await assertHarmless(page, 'the list and the groups');
  await group.getByRole('button', { name: 'Retry all' }).click();
  await page.getByRole('alert').getByText('expected the name of an event type').waitFor();
  await assertHarmless(page, 'a question about many, which is refused');
  await page.keyboard.press('Escape');
  await group.getByRole('link').click();
  await page.getByText('With the error').waitFor();
  await assertHarmless(page, 'the filter of a group');

  await page.goto(`${url}/tasks/${encodeURIComponent(id)}?refresh=off`);
  const detail = page.getByRole('dialog', { name: /^Task / });
  for (const part of ['Attempts', 'Log', 'Payload'])
    await detail.getByRole('region', { name: part }).getByText('\\u202egnp').first().waitFor();
  await assertHarmless(page, 'a task');
  await assertFits(page);
  await detail.getByRole('button', { name: 'Run again' }).click();
  const form = page.getByRole('dialog', { name: 'Run again' });
  assert.match(await form.getByLabel('Payload (JSON)').inputValue(), /\\u202egnp/);
  await form.getByRole('button', { name: 'Submit' }).click();
  await form.getByText('Expected a lower-case letter').waitFor();
  await assertHarmless(page, 'a form');

  await until('a worker is announced', () => admin.exists('{asdlc}:worker-info'));
  const [entry = ''] = await admin.hvals('{asdlc}:worker-info');
  const [since = '', text = ''] = entry.split('\n');
  const names = { host: HOSTILE, version: HOSTILE, event_types: [HOSTILE] };
  await admin.hset(
    '{asdlc}:worker-info',
    HOSTILE,
    `${since}\n${JSON.stringify({ ...JSON.parse(text), ...names })}`,
  );
  await admin.zadd('{asdlc}:workers-seen', Date.now(), HOSTILE);
  await page.goto(`${url}/workers?refresh=5s`);
  await page.getByRole('listitem').getByText('\\u202egnp').first().waitFor();
  await assertHarmless(page, 'the workers');
  assert.deepEqual(faults, []);
});

/** Looks at all texts, attributes and fields. */
async function assertHarmless(page: Page, where: string): Promise<void> {
  const shown = await page.evaluate(`[
    document.title,
    document.documentElement.outerHTML,
    ...[...document.querySelectorAll('input, textarea')].map(({ value }) => value),
  ].join(' ')`);
  assert.deepEqual(suspectsIn(String(shown).replaceAll('\n', ' ')), [], where);
}
