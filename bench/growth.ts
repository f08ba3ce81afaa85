import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { Counter } from '../src/infrastructure/metrics/instruments/counter.ts';
import { MetricsRegistry } from '../src/infrastructure/metrics/registry.ts';
import { PANELS } from '../src/infrastructure/telemetry/panels.ts';
import {
  startOrchestrator,
  startRedis,
  startVictoriaMetrics,
  startWorkers,
  temporaryFolder,
} from '../tests/support/processes.ts';
import type { Scope } from '../tests/support/scope.ts';
import { until } from '../tests/support/until.ts';
import { durationMs, summarize } from './measure.ts';

/*
 * How costs grow with the work: with series in a process, with event types, and with open dashboards. The exponent is the
 * slope of the cost over the work, both as logarithms: 0 is flat, 1 is in proportion. The benchmark of a deep queue has
 * the waiting tasks.
 */

const ROUNDS = 15;
const SERIES = [10, 100, 1_000, 10_000, 100_000];
const TYPES = [10, 100, 1_000];
const DASHBOARDS = [1, 5, 50];

const steps: (() => unknown)[] = [];
const scope: Scope = { after: (step) => void steps.push(step) };
const agent = new Agent({ connections: 50 });

/** By the amount of work: milliseconds of each round. */
type Costs = ReadonlyMap<number, readonly number[]>;

/** Measures all amounts in turn, so that a noisy neighbour disturbs all alike. The first round only warms up. */
async function measure(
  amounts: readonly number[],
  cost: (amount: number, round: number) => Promise<number>,
): Promise<Costs> {
  const costs = new Map<number, number[]>(amounts.map((amount) => [amount, []]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const amount of amounts) {
      const ms = await cost(amount, round);
      if (round > 0) costs.get(amount)?.push(ms);
    }
  }
  return costs;
}

/** The slope of the line through the logarithms, by least squares. */
function exponentOf(costs: Costs): number {
  const points = [...costs].map(
    ([amount, ms]) => [Math.log(amount), Math.log(summarize(ms).median)] as const,
  );
  const mean = (at: 0 | 1) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const over = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return over / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}

function row(what: string, costs: Costs): string {
  const cells = [...costs].map(
    ([amount, ms]) => `${amount.toLocaleString('en')}: ${shown(summarize(ms).median)}`,
  );
  return `| ${what} | ${cells.join(', ')} | **${exponentOf(costs).toFixed(2)}** | ≤ 1 |`;
}

const shown = (ms: number) => ms.toFixed(ms < 10 ? 2 : 0);

async function get(url: string): Promise<void> {
  const { statusCode, body } = await request(url, { dispatcher: agent });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`expected 200 of ${url}; got ${statusCode} ${text.slice(0, 300)}`);
}

async function post(url: string, task: unknown): Promise<void> {
  const init = {
    dispatcher: agent,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  } as const;
  const { statusCode, body } = await request(url, { ...init, body: JSON.stringify(task) });
  await body.dump();
  if (statusCode !== 202) throw new Error(`expected 202; got ${statusCode}`);
}

async function renderings(): Promise<Costs> {
  const registries = new Map(
    SERIES.map((count) => {
      const registry = new MetricsRegistry();
      const counter = new Counter({
        name: 'items_total',
        help: 'Items.',
        labelNames: ['item'],
        registers: [registry],
        maxSeries: count + 1,
      });
      const children = Array.from({ length: count }, (_, i) => counter.labels({ item: `item-${i}` }));
      return [count, { registry, children }] as const;
    }),
  );
  return measure(SERIES, async (count) => {
    const { registry, children = [] } = registries.get(count) ?? {};
    for (const child of children) child.inc();
    return durationMs(() => registry?.metrics());
  });
}

/** A system whose workers have so many event types, with an hour of samples of each. */
async function startSystem(types: number) {
  const [redis, tsdb] = await Promise.all([startRedis(scope), startVictoriaMetrics(scope)]);
  const handlers = join(await temporaryFolder(scope), 'handlers.mjs');
  await writeFile(
    handlers,
    `export const handlers = Object.fromEntries(Array.from({ length: ${types} }, (_, i) => ['type-' + i, () => null]));\n`,
  );
  const env = { REDIS_URL: redis.url, VICTORIAMETRICS_URL: tsdb.url, WORKER_HANDLERS: handlers };
  const workers = await startWorkers(scope, env);
  const orchestrator = await startOrchestrator(scope, env);
  const now = Math.floor(Date.now() / 15_000) * 15_000;
  for (let age = 0; age < 240; age++) {
    const lines = Array.from({ length: types }, (_, i) =>
      ['success', 'failed'].map(
        (status) =>
          `asdlc_events_processed_total{service="asdlc-workers",event_type="type-${i}",status="${status}"} ${(240 - age) * (i + 1)} ${now - age * 15_000}`,
      ),
    );
    await fetch(`${tsdb.url}/api/v1/import/prometheus`, { method: 'POST', body: lines.flat().join('\n') });
  }
  await until('the samples can be queried', async () => {
    const response = await fetch(`${tsdb.url}/api/v1/query?query=count(asdlc_events_processed_total)`);
    const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
    return Number(data.result[0]?.value[1]) === types * 2;
  });
  return { orchestrator, workers };
}

const panels = `/api/metrics/panels?names=${PANELS.map(({ name }) => name).join(',')}&range=1h&width=60&top=10`;

try {
  const lines = [row('render a scrape of so many series, all changed', await renderings())];
  const systems = new Map<number, Awaited<ReturnType<typeof startSystem>>>();
  for (const types of TYPES) systems.set(types, await startSystem(types));
  const urlsOf = (types: number) => {
    const system = systems.get(types);
    return { api: system?.orchestrator.url ?? '', worker: system?.workers.url ?? '' };
  };
  const byTypes: [string, (types: number, round: number) => Promise<void>][] = [
    ['`POST /api/tasks`', (n, i) => post(`${urlsOf(n).api}/api/tasks`, { event_type: `type-${i % n}` })],
    ['`GET /api/tasks`', (n) => get(`${urlsOf(n).api}/api/tasks`)],
    ['`GET /api/event-types`', (n) => get(`${urlsOf(n).api}/api/event-types`)],
    ['`GET /metrics` of a worker', (n) => get(`${urlsOf(n).worker}/metrics`)],
    ['all panels of the overview', (n) => get(urlsOf(n).api + panels)],
  ];
  for (const [what, ask] of byTypes) {
    const costs = await measure(TYPES, (types, round) => durationMs(() => ask(types, round)));
    lines.push(row(`${what}, so many event types`, costs));
  }
  const open = await measure(DASHBOARDS, (count) =>
    durationMs(() => Promise.all(Array.from({ length: count }, () => get(urlsOf(100).api + panels)))),
  );
  lines.push(row('all panels of the overview, for so many dashboards at once, 100 event types', open));
  process.stdout.write(`| milliseconds of | work: median | exponent | target |
| --- | --- | ---: | ---: |
${lines.join('\n')}

An exponent of 0 is flat, and 1 is in proportion to the work. ${ROUNDS} rounds, all amounts in turn.
`);
} finally {
  await agent.close();
  for (const step of steps.reverse()) await step();
}
