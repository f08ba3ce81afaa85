import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import * as client from '@prometheus-io/client';
import { Counter, Gauge, Histogram, Info, MetricsRegistry } from '../../src/infrastructure/metrics/index.ts';
import { request } from '../support/http.ts';
import { listenOn } from '../support/http-counts.ts';
import { freePort, startProcess, startVictoriaMetrics, temporaryFolder } from '../support/processes.ts';
import { checkMetrics } from '../support/promtool.ts';
import { Random } from '../support/random.ts';
import type { Scope } from '../support/scope.ts';
import { parseExposition } from '../support/strict-parser.ts';
import { until } from '../support/until.ts';

/*
 * Whatever registers is read by every scraper: names, label names, label values, help texts and default labels that
 * nobody would choose. What the registry refuses is not tested here.
 */

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0';
const WORDS =
  '_ : __ a A _total total _created created _bucket _sum _count _info _seconds seconds le quantile job instance NaN Inf nan inf EOF HELP TYPE UNIT counter unknown name 1 9 é - . "'.split(
    ' ',
  );
const VALUES = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\r',
  '\n',
  '\t',
  '"',
  '\\',
  '\\n',
  '{}',
  ',=',
  '#',
  '\ud800',
  '\ufeff',
  '\u2028',
  '\u{10ffff}',
  'é',
  '\x7f',
  '\x1b[0m',
  '# EOF',
];

function createName(random: Random): string {
  return random.some(WORDS, 3).join('');
}

/** A registry with what it took of many attempts, and how many attempts it refused. */
function createRegistry(seed: number) {
  const random = new Random(seed);
  const registry = new MetricsRegistry();
  let refused = 0;
  const attempt = (action: () => void) => {
    try {
      action();
    } catch {
      refused += 1;
    }
  };
  for (let index = 0; index < 400; index += 1) {
    const options = {
      name: createName(random),
      help: random.of(VALUES) + random.of(VALUES),
      labelNames: random.some(WORDS, 2),
      registers: [registry],
      enableExemplars: random.chance(0.5),
    };
    const labels = Object.fromEntries(options.labelNames.map((name) => [name, random.of(VALUES)]));
    const exemplarLabels = { trace_id: random.of(VALUES) };
    attempt(() => {
      const kind = random.below(6);
      if (kind === 0) new Counter(options).labels(labels).inc(1, exemplarLabels);
      else if (kind === 1) new Gauge(options).set(labels, random.of([NaN, Infinity, -0, 5e-324]));
      else if (kind === 2)
        new Histogram({ ...options, buckets: [-1, 0, 1e-7, 1e21] }).labels(labels).observe(1, exemplarLabels);
      else if (kind === 3) new Info(options).set(labels);
      else if (kind === 4) new client.Gauge(options).set(labels, 1);
      else new client.Summary({ ...options, percentiles: [0.5] }).observe(labels, 1);
    });
  }
  for (let index = 0; index < 20; index += 1) {
    attempt(() => registry.setDefaultLabels({ [createName(random)]: random.of(VALUES) }));
  }
  return { registry, refused };
}

async function startTargets(scope: Scope, registry: MetricsRegistry): Promise<string> {
  const server = createServer((incoming, response) => {
    registry.render(incoming.url === '/open' ? OPENMETRICS : 'text/plain').then(({ contentType, body }) => {
      response.writeHead(200, { 'content-type': contentType }).end(body);
    });
  });
  return new URL(await listenOn(scope, server)).host;
}

const scrapeConfig = (target: string, formats: readonly string[]) =>
  [
    'global: {scrape_interval: 1s, scrape_timeout: 1s}',
    'scrape_configs:',
    ...formats.map(
      (format) =>
        `- {job_name: ${format}, metrics_path: /${format}, honor_labels: true, static_configs: [{targets: ["${target}"]}]}`,
    ),
  ].join('\n');

async function startPrometheus(scope: Scope, config: string): Promise<string> {
  const folder = await temporaryFolder(scope);
  const port = await freePort();
  await writeFile(join(folder, 'prometheus.yml'), config);
  startProcess(scope, 'prometheus', [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--enable-feature=exemplar-storage',
  ]);
  return `http://127.0.0.1:${port}`;
}

/** How many samples the scraper got of each job; a job that it could not read has none. */
async function samplesScraped(url: string, jobs: number): Promise<Record<string, number>> {
  return until(
    'each target was scraped',
    async () => {
      const query = new URLSearchParams({ query: 'scrape_samples_scraped' });
      const { body } = await request(`${url}/api/v1/query?${query}`);
      const rows: { metric: { job: string }; value: [number, string] }[] = body.data?.result ?? [];
      return (
        rows.length === jobs &&
        Object.fromEntries(rows.map(({ metric, value }) => [metric.job, Number(value[1])]))
      );
    },
    30_000,
  );
}

describe('what registers', () => {
  it('is read by promtool, by Prometheus in both formats and by VictoriaMetrics', async (t) => {
    const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e6));
    const { registry, refused } = createRegistry(seed);
    const [text, open] = [await registry.render(), await registry.render(OPENMETRICS)];
    const count = (body: Buffer, format: 'text' | 'openmetrics') =>
      [...parseExposition(body, format).values()].reduce((sum, { samples }) => sum + samples.length, 0);
    const expected = { text: count(text.body, 'text'), open: count(open.body, 'openmetrics') };
    assert.ok(
      expected.text > 50 && refused > 50,
      `seed ${seed}: ${expected.text} samples, ${refused} refused`,
    );
    await checkMetrics(text.body.toString());
    const target = await startTargets(t, registry);
    const prometheus = await startPrometheus(t, scrapeConfig(target, ['text', 'open']));
    const victoria = await startVictoriaMetrics(t, scrapeConfig(target, ['text']));
    const scraped = await samplesScraped(prometheus, 2);
    const { body: targets } = await request(`${prometheus}/api/v1/targets`);
    const errors = targets.data.activeTargets.map(({ lastError }: { lastError: string }) => lastError);
    assert.deepEqual(errors, ['', ''], `seed ${seed}`);
    assert.deepEqual(scraped, expected, `seed ${seed}`);
    assert.deepEqual(await samplesScraped(victoria.url, 1), { text: expected.text }, `seed ${seed}`);
  });
});
