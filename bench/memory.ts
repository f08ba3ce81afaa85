import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as client from '@prometheus-io/client';
import * as promClient from 'prom-client';
import { Counter } from '../src/infrastructure/metrics/instruments/counter.ts';
import { Histogram } from '../src/infrastructure/metrics/instruments/histogram.ts';
import { MetricsRegistry } from '../src/infrastructure/metrics/registry.ts';
import { type Measured, summarize } from './measure.ts';
import { formatTable, PEER, type Row } from './report.ts';

/* How much memory a series with three labels takes. Each candidate runs in a process of its own. */

const SERIES = 10_000;
const PROCESSES = 3;

const KINDS = ['counter', 'histogram'] as const;
type Kind = (typeof KINDS)[number];
const CANDIDATES = ['asdlc', PEER, 'prom-client'] as const;
type Candidate = (typeof CANDIDATES)[number];

/** Bytes per series: on the heap, and with the buffers outside it; before the first scrape, and after it. */
interface Usage {
  readonly heap: number;
  readonly heapAndBuffers: number;
  readonly heapAfterScrape: number;
  readonly heapAndBuffersAfterScrape: number;
}

const name = 'http_request_duration_seconds';
const options = { name, help: 'Duration.', labelNames: ['service', 'method', 'endpoint'] as const };

function create(candidate: Candidate, kind: Kind) {
  const isCounter = kind === 'counter';
  if (candidate === 'asdlc') {
    const registry = new MetricsRegistry();
    const ours = { ...options, maxSeries: 1e6, registers: [registry] };
    return { registry, metric: isCounter ? new Counter(ours) : new Histogram(ours) };
  }
  const {
    Registry,
    Counter: TheirCounter,
    Histogram: TheirHistogram,
  } = candidate === PEER ? client : promClient;
  const registry = new Registry();
  const theirs = { ...options, registers: [registry as client.Registry & promClient.Registry] };
  return { registry, metric: isCounter ? new TheirCounter(theirs) : new TheirHistogram(theirs) };
}

function memory(): { heap: number; heapAndBuffers: number } {
  for (let i = 0; i < 5; i += 1) globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heap: heapUsed, heapAndBuffers: heapUsed + arrayBuffers };
}

async function measureUsage(candidate: Candidate, kind: Kind): Promise<Usage> {
  const { registry, metric } = create(candidate, kind);
  const before = memory();
  for (let i = 0; i < SERIES; i += 1) {
    const method = ['GET', 'POST', 'PUT', 'DELETE'][i & 3] ?? '';
    const labels = { service: 'orchestrator', method, endpoint: `/api/items/${i >> 2}/parts` };
    if ('observe' in metric) metric.observe(labels, i / 1000);
    else metric.inc(labels, 1);
  }
  const counted = memory();
  await registry.metrics();
  await new Promise((resolve) => setImmediate(resolve));
  const scraped = memory();
  const perSeries = (after: number, of: number) => (after - of) / SERIES;
  return {
    heap: perSeries(counted.heap, before.heap),
    heapAndBuffers: perSeries(counted.heapAndBuffers, before.heapAndBuffers),
    heapAfterScrape: perSeries(scraped.heap, before.heap),
    heapAndBuffersAfterScrape: perSeries(scraped.heapAndBuffers, before.heapAndBuffers),
  };
}

function measureInProcess(candidate: Candidate, kind: Kind): Usage {
  const script = fileURLToPath(import.meta.url);
  const { stdout } = spawnSync(process.execPath, ['--expose-gc', script, candidate, kind], {
    encoding: 'utf8',
  });
  return JSON.parse(stdout);
}

function measureKind(kind: Kind): Row[] {
  const usages = CANDIDATES.map((candidate) => {
    return [candidate, Array.from({ length: PROCESSES }, () => measureInProcess(candidate, kind))] as const;
  });
  const row = (what: string, part: keyof Usage, target: string): Row => {
    const measured = usages.map(
      ([candidate, of]) => [candidate, summarize(of.map((usage) => usage[part]))] as const,
    );
    return { what: `${kind}: ${what}`, measured: Object.fromEntries<Measured>(measured), target };
  };
  return [
    row('heap', 'heap', '≥ 3 ×'),
    row('heap and buffers', 'heapAndBuffers', ''),
    row('heap after a scrape', 'heapAfterScrape', '≥ 3 ×'),
    row('heap and buffers after a scrape', 'heapAndBuffersAfterScrape', ''),
  ];
}

const [, , candidate, kind] = process.argv;
if (candidate !== undefined && kind !== undefined) {
  process.stdout.write(JSON.stringify(await measureUsage(candidate as Candidate, kind as Kind))); // measureInProcess passes both
} else {
  process.stdout.write(`${formatTable('bytes a series', KINDS.flatMap(measureKind))}
The garbage collector looks through the heap. asdlc keeps the numbers outside it, in typed arrays. After a scrape it
also keeps the body, one line of text for each exposed line, and makes the next body from it. The others keep no body:
they build a new one at each scrape and leave it to the garbage collector.
`);
}
