import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { before, describe, it, type TestContext } from 'node:test';
import type { Browser, Locator } from 'playwright-core';
import type { PanelExemplar } from '../../src/shared/http-contract/panels.ts';
import { assertAccessible, keepScreenshot, openPage, startBrowser } from '../support/browser.ts';
import { post, request } from '../support/http.ts';
import {
  freePort,
  startOrchestrator,
  startRedis,
  startVictoriaMetrics,
  startWorkers,
} from '../support/processes.ts';
import { type Scope, suiteScope } from '../support/scope.ts';
import { startPrometheus } from '../support/tsdb.ts';
import { until } from '../support/until.ts';

const WINDOW_SECONDS = 60;

const scrapeConfig = (ports: readonly number[]) => `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: asdlc
    static_configs: [{ targets: [${ports.map((port) => `"127.0.0.1:${port}"`).join(', ')}] }]
`;

/** Answers every path, as the page of a trace. */
async function startTraceViewer(scope: Scope): Promise<string> {
  const server = createServer((_, response) => response.end('<title>a trace</title>'));
  scope.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server has one
}

describe('exemplars on the latency charts', () => {
  const scope = suiteScope();
  let browser: Browser;
  let viewer: string;
  /** With TRACE_URL_TEMPLATE, without it, and in front of a TSDB that keeps no exemplars. */
  let [linked, plain, without] = ['', '', ''];
  /** Parameters of a minute of traced tasks. */
  let past: string;

  before(async () => {
    const [redis, prometheusPorts] = [await startRedis(scope), [await freePort(), await freePort()] as const];
    const config = scrapeConfig(prometheusPorts);
    const [prometheus, victoriaMetrics] = await Promise.all([
      startPrometheus(scope, config, { args: ['--enable-feature=exemplar-storage'] }),
      startVictoriaMetrics(scope, config),
    ]);
    const common = { REDIS_URL: redis.url, SCRAPE_INTERVAL: '1' };
    const prometheusEnv = { ...common, VICTORIAMETRICS_URL: prometheus.url };
    viewer = await startTraceViewer(scope);
    const TRACE_URL_TEMPLATE = `${viewer}/trace/{trace_id}`;
    const started = await Promise.all([
      startOrchestrator(scope, {
        ...prometheusEnv,
        TRACE_URL_TEMPLATE,
        SERVICE_PORT: `${prometheusPorts[0]}`,
      }),
      startOrchestrator(scope, prometheusEnv),
      startOrchestrator(scope, { ...common, VICTORIAMETRICS_URL: victoriaMetrics.url }),
      startWorkers(scope, { ...prometheusEnv, SERVICE_PORT: `${prometheusPorts[1]}` }),
    ]);
    [linked = '', plain = '', without = ''] = started.map(({ url }) => url);
    browser = await startBrowser(scope);
    await runTracedTasks();
    const to = Math.floor(Date.now() / 1000);
    past = `from=${to - WINDOW_SECONDS}&to=${to}&tz=utc&refresh=off`;
  });

  /** Until Prometheus has exemplars of each panel. Each task has a trace of its own. */
  async function runTracedTasks(): Promise<void> {
    let turn = 0;
    const wanted = process.env.SCREENSHOTS ? 25 : 4;
    await until(
      'each panel of a latency has exemplars',
      async () => {
        const trace = (++turn).toString(16).padStart(32, '4bf92f3577b34da6a3ce929d0e0e4736');
        const traceparent = `00-${trace}-00f067aa0ba902b7-01`;
        const slow = { event_type: 'slow', payload: { ms: 10 * (turn % 20) } };
        await post(`${linked}/api/tasks`, turn % 3 === 0 ? slow : { event_type: 'echo' }, { traceparent });
        const panels = await Promise.all(LATENCIES.map(([name]) => exemplarsOf(name)));
        return panels.every(({ length }) => length >= wanted);
      },
      90_000,
    );
  }

  async function exemplarsOf(name: string, url = linked, search = 'range=1m'): Promise<PanelExemplar[]> {
    const { body } = await request(`${url}/api/metrics/panels/${name}?${search}&width=60&exemplars=40`);
    return body.data.exemplars;
  }

  const open = (t: TestContext, url: string, path: string) =>
    openPage(t, browser, `${url}${path}`, { permissions: ['clipboard-read', 'clipboard-write'] });

  it('open their trace at a click, and say in the tooltip what took how long', async (t) => {
    const { page, faults } = await open(t, linked, `/?${past}`);
    for (const [name, title] of LATENCIES) {
      const panel = page.getByRole('article', { name: title });
      const found = await hoverDot(panel, await exemplarsOf(name, linked, rangeOf(past)), past);
      const [popup] = await Promise.all([
        page.context().waitForEvent('page'),
        page.mouse.click(found.x, found.y),
      ]);
      await popup.waitForURL(`${viewer}/trace/${found.id}`);
      assert.equal(await popup.evaluate('opener'), null);
      await popup.close();
      assert.match(found.text, name === 'request_latency' ? /(GET|POST) \/api\// : /echo|slow/);
      assert.match(found.text, /Click: open the trace/);
    }
    assert.deepEqual(faults, []);
  });

  it('are links for the keyboard in the enlarged chart, the slowest first', async (t) => {
    const { page } = await open(t, linked, `/?${past}&panel=event_wait`);
    const dialog = page.getByRole('dialog', { name: 'Wait time' });
    const table = dialog.getByRole('table').filter({ hasText: 'Slowest traces' });
    await table.waitFor();
    const exemplars = await exemplarsOf('event_wait', linked, rangeOf(past));
    const slowest = exemplars.toSorted((a, b) => b.value - a.value)[0];
    const link = table.getByRole('link').first();
    assert.equal(await link.innerText(), slowest?.trace_id);
    assert.equal(await link.getAttribute('href'), slowest?.trace_url);
    await assertAccessible(page, 'the list of traces');
    await keepScreenshot(page, 'exemplars');
  });

  it('copy their trace id where no address is known', async (t) => {
    const { page, faults } = await open(t, plain, `/?${past}`);
    const panel = page.getByRole('article', { name: 'Wait time' });
    const found = await hoverDot(panel, await exemplarsOf('event_wait', plain, rangeOf(past)), past);
    assert.match(found.text, /Click: copy the trace id/);
    await page.mouse.click(found.x, found.y);
    await panel.getByText('Copied', { exact: false }).waitFor();
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), found.id);
    await page.goto(`${plain}/?${past}&panel=event_wait`);
    const copy = page
      .getByRole('dialog')
      .getByRole('button', { name: /^Copy trace id of/ })
      .first();
    await copy.click();
    await copy.getByText('Copied').waitFor();
    assert.deepEqual(faults, []);
  });

  it('are neither shown nor missed where the TSDB keeps none', async (t) => {
    assert.deepEqual(await exemplarsOf('event_wait', without), []);
    const { page, faults } = await open(t, without, `/?${past}&panel=event_wait`);
    const dialog = page.getByRole('dialog', { name: 'Wait time' });
    await dialog.getByRole('img', { name: 'Wait time: chart' }).waitFor();
    assert.doesNotMatch(await page.locator('body').innerText(), /trace|exemplar/i);
    assert.deepEqual(faults, []);
  });
});

const LATENCIES = [
  ['request_latency', 'Request latency'],
  ['event_wait', 'Wait time'],
  ['event_duration', 'Run time'],
] as const;

/** The same window for the panels API. */
function rangeOf(past: string): string {
  return `range=${WINDOW_SECONDS}s&end=${new URLSearchParams(past).get('to')}`;
}

interface FoundDot {
  readonly x: number;
  readonly y: number;
  readonly id: string;
  readonly text: string;
}

/** Moves the pointer along the times of the exemplars until it is over a dot, and reads the tooltip. */
async function hoverDot(
  panel: Locator,
  exemplars: readonly PanelExemplar[],
  past: string,
): Promise<FoundDot> {
  const over = panel.locator('.u-over');
  await over.scrollIntoViewIfNeeded();
  const box = (await over.boundingBox()) ?? assert.fail('no plot');
  const from = Number(new URLSearchParams(past).get('from'));
  const mouse = panel.page().mouse;
  const note = panel.locator('.tooltip-trace');
  for (const { time } of exemplars) {
    const x = box.x + ((time - from) / WINDOW_SECONDS) * box.width;
    if (!(x > box.x && x < box.x + box.width)) continue;
    for (let y = box.y + 2; y < box.y + box.height; y += 8) {
      await mouse.move(x, y);
      const text = (await note.allInnerTexts())[0];
      const id = /[0-9a-f]{32}/.exec(text ?? '')?.[0];
      if (text !== undefined && id !== undefined) return { x, y, id, text };
    }
  }
  return assert.fail(`no dot of ${exemplars.length} under the pointer`);
}
