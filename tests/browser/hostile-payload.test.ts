import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Page } from 'playwright-core';
import { assertAccessible, openPage, startBrowser } from '../support/browser.ts';
import { runTask } from '../support/http.ts';
import { startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';

const SUSPECTS = 300_000;
/** More than all other texts of the page have together. */
const SHOWN = 100_000;

/** Makes the page count the characters that it looks at for escapes, and those of JSON that it writes. */
const COUNT_WORK = `
  globalThis.work = { escaped: 0, written: 0 };
  const { replace } = String.prototype;
  String.prototype.replace = function (...rest) {
    globalThis.work.escaped += this.length;
    return replace.apply(this, rest);
  };
  const { stringify } = JSON;
  JSON.stringify = (...all) => {
    const text = stringify(...all);
    globalThis.work.written += text?.length ?? 0;
    return text;
  };
`;

/** What the page did since the last call. */
async function workOf(page: Page): Promise<{ readonly escaped: number; readonly written: number }> {
  return page.evaluate(
    '(() => { const { work } = globalThis; globalThis.work = { escaped: 0, written: 0 }; return work; })()',
  );
}

it('a payload of 300,000 characters that need an escape costs what the page shows of it', async (t) => {
  const [browser, redis] = await Promise.all([startBrowser(t), startRedis(t)]);
  const env = { REDIS_URL: redis.url, VICTORIAMETRICS_URL: 'http://127.0.0.1:9' };
  const [{ url }] = await Promise.all([startOrchestrator(t, env), startWorkers(t, env)]);
  const payload = { text: '\u202E\u0085'.repeat(SUSPECTS / 2) };
  const { id } = await runTask(url, { event_type: 'echo', payload });
  const { page, faults } = await openPage(t, browser, `${url}/workers`);
  await page.addInitScript(COUNT_WORK);
  await page.goto(`${url}/tasks/${id}?refresh=off`);
  const detail = page.getByRole('dialog', { name: /^Task / });
  const result = detail.getByRole('region', { name: 'Result' });
  await result.getByText(/^The first 4,096 characters of 73\d KiB\.$/).waitFor();
  assert.match(await result.innerText(), /"text": "\\u202e\\u0085\\u202e/);
  const opened = await workOf(page);
  assert.ok(opened.escaped < SHOWN, `${opened.escaped} characters looked at`);
  // For their size: once the payload, once the result.
  assert.ok(opened.written < 2 * SUSPECTS + SHOWN, `${opened.written} characters of JSON`);

  await detail.getByRole('button', { name: 'Run again' }).click();
  const form = page.getByRole('dialog', { name: 'Run again' });
  await form.getByText('The whole payload is sent.').waitFor();
  const begun = await workOf(page);
  assert.ok(begun.escaped < SHOWN, `${begun.escaped} characters looked at`);
  assert.ok(begun.written < SUSPECTS + SHOWN, `${begun.written} characters of JSON`);
  await assertAccessible(page, 'a form with a long payload');

  await form.getByRole('button', { name: 'Edit' }).click();
  const text = await form.getByLabel('Payload (JSON)').inputValue();
  assert.match(text, /^\{\n {2}"text": "(\\u202e\\u0085){150000}"\n\}$/);
  await page.keyboard.press('Escape');
  await form.waitFor({ state: 'detached' }); // nothing was written: it asks nothing
  assert.deepEqual(faults, []);
});
