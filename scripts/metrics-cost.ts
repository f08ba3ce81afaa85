import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { startOrchestrator, startRedis, startWorkers } from '../tests/support/processes.ts';
import { until } from '../tests/support/until.ts';

/*
 * Measures what the metrics of real processes cost, before any task ran: `npx node scripts/metrics-cost.ts`. It writes
 * scripts/metrics-cost.json, which scripts/metrics-docs.ts puts into docs/metrics.md. Run that afterwards.
 */

export interface MetricsCost {
  readonly service: string;
  readonly eventTypes: number;
  /** Sample lines: what a TSDB stores. */
  readonly series: number;
  readonly bytes: number;
  readonly gzipBytes: number;
  /** Median from the request to the end of the response. */
  readonly milliseconds: number;
}

const EVENT_TYPES = [1, 10, 150];
const SCRAPES = 21;

const steps: (() => unknown)[] = [];
const scope = { after: (step: () => unknown) => void steps.push(step) };

async function measure(service: string, eventTypes: number, url: string): Promise<MetricsCost> {
  const times: number[] = [];
  let text = '';
  for (let i = 0; i < SCRAPES; i += 1) {
    const startedAt = performance.now();
    const response = await fetch(`${url}/metrics`, { headers: { 'accept-encoding': 'identity' } });
    text = await response.text();
    times.push(performance.now() - startedAt);
  }
  const milliseconds = times.sort((a, b) => a - b)[SCRAPES >> 1] ?? 0;
  return {
    service,
    eventTypes,
    series: text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length,
    bytes: Buffer.byteLength(text),
    gzipBytes: gzipSync(text).length,
    milliseconds: Number(milliseconds.toFixed(1)),
  };
}

/** A module with so many handlers. */
async function handlersModule(folder: string, eventTypes: number): Promise<string> {
  const file = join(folder, `handlers-${eventTypes}.mjs`);
  const names = Array.from({ length: eventTypes }, (_, i) => `type.${i + 1}`);
  await writeFile(
    file,
    `export const handlers = Object.fromEntries(${JSON.stringify(names)}.map((name) => [name, () => null]));\n`,
  );
  return file;
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'asdlc-cost-'));
  scope.after(() => rm(folder, { recursive: true }));
  const rows: MetricsCost[] = [];
  for (const eventTypes of EVENT_TYPES) {
    const env = {
      REDIS_URL: (await startRedis(scope)).url,
      WORKER_HANDLERS: await handlersModule(folder, eventTypes),
    };
    const workers = await startWorkers(scope, env);
    const orchestrator = await startOrchestrator(scope, env);
    const last = `event_type="type.${eventTypes}"`;
    for (const { url } of [workers, orchestrator]) {
      await until('the event types are known', async () =>
        (await (await fetch(`${url}/metrics`)).text()).includes(last),
      );
    }
    rows.push(await measure('orchestrator', eventTypes, orchestrator.url));
    rows.push(await measure('workers', eventTypes, workers.url));
  }
  const file = new URL('metrics-cost.json', import.meta.url);
  await writeFile(file, `${JSON.stringify(rows, null, 2)}\n`);
}

if (import.meta.main) {
  try {
    await main();
  } finally {
    for (const step of steps.reverse()) await step();
  }
}
